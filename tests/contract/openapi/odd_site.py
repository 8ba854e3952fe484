"""A small but odd database: movies and runs that lack one thing or another."""

from datetime import timedelta

from tests.site.factories import (
    MOMENT,
    curate,
    evaluation,
    make_models,
    make_movie,
    make_run,
    make_similar,
    make_user_list,
    make_weights,
    rate,
)

MOVIES = 40
HIDDEN = 3
USER = 42
TITLES = (
    "Amélie", "Matrix, The", '"11\'09""01 - September 11', "+1", "a|b :: c", "千と千尋の神隠し",
    "🎬 (2009– )", "<b>&amp;</b>", "%_\\", "x" * 255,
)  # fmt: skip
GENRES = ("Action", "Comedy", "Drama", "Film-Noir", "Sci-Fi", "(no genres listed)", "Children's")


def publish():
    """Four runs (purged, failed, kept, current) and movies that lack one thing or another."""
    make_run("superseded", pk=1, purged_at=MOMENT, finished_at=MOMENT - timedelta(days=2))
    make_run("failed", pk=2, finished_at=None, error="the gate refused it")
    kept = make_run("superseded", pk=3, finished_at=MOMENT - timedelta(days=1), synthetic=True)
    current = make_run(
        pk=4,
        evaluation=evaluation(splits=("temporal", "random")),
        parameters={"trending": {"half_life_months": None, "newest_month": "2018-09"}},
        overruled_gates={"fewer_movies": "40 instead of 60 before"},
        rejected_by_reason={"movies": {"bad_year": 3}, "ratings": {"bad_id": 2, "no_movie": 9}},
    )
    movies = [_movie(n) for n in range(1, MOVIES + 1)]
    for n, movie in enumerate(movies, start=1):
        if n % 9:
            rate(current, movie, 5 - n / 20, rank=n if n % 4 else None, rating_count=200 - n)
        if n % 8:
            rate(kept, movie, 3 + n / 40, rank=60 - n if n % 5 else None, rating_count=100 - n)
    make_models(current, users=1)
    for movie in movies[:20]:
        make_weights(current, movie, *((n, n - 15) for n in range(1, 41) if n != movie.pk))
        make_similar(current, movie, (HIDDEN, 0.5, 9), (30, 0.25, 8), (31, 0.125, 7))
    make_user_list(current, USER, (5, 1.0, (1, HIDDEN, 0), (0.5, -0.25, 0.0)))
    curate(movies[HIDDEN - 1], hidden=True)
    curate(movies[9], pinned_position=2)
    curate(movies[17], pinned_position=5)  # without ratings in the current run


def _movie(number):
    return make_movie(
        number,
        TITLES[number % len(TITLES)],
        year=1900 + number if number % 7 else None,
        genres=tuple({GENRES[number % 7], GENRES[number * 3 % 7]}) if number % 5 else (),
    )
