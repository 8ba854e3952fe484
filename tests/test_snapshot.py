"""One answer sees one moment, whatever is published while it is being put together."""

import os
import subprocess
import sys

from tests.targets import ROOT, Target

ANSWER = """
from django.db import connections
from app.models import Movie
from app.snapshot import one_moment

Movie.objects.create(movie_id=1, title="before")
publisher = connections.create_connection("default")
with one_moment():
    seen = [Movie.objects.get().title]
    with publisher.cursor() as cursor:
        cursor.execute("UPDATE app_movie SET title = 'after'")
    seen.append(Movie.objects.get().title)
print(*seen, Movie.objects.get().title)
"""


def test_what_is_published_meanwhile_waits_for_the_next_answer(target: Target):
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "--command", ANSWER],
        cwd=ROOT, env=os.environ | {"ENV_FILE": "/dev/null"} | target.environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["before", "before", "after"], done.stderr
