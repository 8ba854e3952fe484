"""What the job has written since: search titles and years for the rows from before."""

import unicodedata

from django.db import migrations
from django.db.models import OuterRef, Subquery

CHUNK = 1_000
NO_APOSTROPHES = str.maketrans("", "", "'‘’ʼ")


def fill(apps, schema_editor):
    movie, run, rated = (
        apps.get_model("app", name).objects.using(schema_editor.connection.alias)
        for name in ("Movie", "Run", "RecommendationData")
    )
    runs = list(run.values_list("pk", flat=True))
    year = Subquery(movie.filter(pk=OuterRef("movie_id")).values("year"))
    last = 0
    while movies := list(movie.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        for one in movies:
            one.search_title = search_title(one.title)
        movie.bulk_update(movies, ["search_title"])
        for of_run in runs:
            of_movies = rated.filter(run_id=of_run, movie_id__gte=movies[0].pk)
            of_movies.filter(movie_id__lte=movies[-1].pk).update(year=year)
        last = movies[-1].pk


# The rules of app/titles.py as they were when this was written.
def search_title(title):
    folded = without_marks(without_marks(title).casefold()).translate(NO_APOSTROPHES)
    words = "".join(sign if sign.isalnum() else " " for sign in folded).split()
    return "".join(f" {word}" for word in words)[:255]


def without_marks(text):
    signs = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in signs if not unicodedata.combining(sign))


class Migration(migrations.Migration):
    # Short transactions, as the site goes on reading; a second go does no harm.
    atomic = False

    dependencies = [
        ("app", "0003_search_title_and_year"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
