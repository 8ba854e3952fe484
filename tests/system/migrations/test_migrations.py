"""What migrations do to the rows that stand in the tables already, on both engines."""

from tests.support.targets import manage
from tests.system.migrations.rows import insert

MOVIES = {1: ("Amélie", 2001), 2: ("Matrix, The", 1999), 3: ("Babylon 5", None)}
SEARCHED = [(1, " amelie"), (2, " matrix the"), (3, " babylon 5")]
RUN = {
    "status": "current",
    "started_at": "2026-01-02 03:04:05",
    "input_fingerprint": "",
    **dict.fromkeys(("parameters", "overruled_gates", "versions"), "{}"),
    **dict.fromkeys(("rejected_by_reason", "half_star_counts"), "[]"),
    **dict.fromkeys(("error", "input"), ""),
    **dict.fromkeys(("movies_read", "movies_accepted", "movies_rated", "movies_ranked"), 3),
    **dict.fromkeys(("ratings_read", "ratings_accepted", "ratings_superseded"), 3),
    **dict.fromkeys(("synthetic", "prior_mean", "prior_weight", "min_ratings"), 1),
}
RATED = {
    **{f"half_stars_{stars}": 0 for stars in range(1, 11)},
    **dict.fromkeys(("rating_count", "avg_rating", "weighted_rating"), 1),
    "last_rated_at": "2026-01-02 03:04:05",
}


def fill_as_before_search(target):
    manage(target, "migrate", "app", "0002")
    for run in (1, 2):
        insert(target, "app_run", {"id": run, **RUN})
    for movie_id, (title, year) in MOVIES.items():
        insert(target, "app_movie", {"movie_id": movie_id, "title": title, "year": year})
        for run in (1, 2):
            row = {"run_id": run, "movie_id": movie_id, **RATED}
            insert(target, "app_recommendationdata", row)


def test_rows_from_before_get_their_search_title_and_year(target):
    fill_as_before_search(target)
    manage(target, "migrate", "app", "0009")
    manage(target, "migrate", "app", "0003")
    manage(target, "migrate", "app", "0009")  # a second go does no harm
    titles = target.rows("SELECT movie_id, search_title FROM app_movie ORDER BY movie_id")
    assert titles == SEARCHED
    manage(target, "migrate")  # since then the site searches in memory
    years = target.rows("SELECT movie_id, run_id, year FROM app_recommendationdata")
    assert sorted(years) == [(n, run, MOVIES[n][1]) for n in MOVIES for run in (1, 2)]
