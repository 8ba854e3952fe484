"""Rows for the site's tests: a base row with overrides, so a test shows what matters to it."""

from datetime import UTC, datetime
from typing import Any

from app.models import (
    HALF_STARS,
    Curation,
    Movie,
    MovieGenre,
    RecommendationData,
    Run,
    SimilarMovie,
    UserRecommendation,
    VisitorWeights,
)
from spark_jobs import contract
from tests.support.packing import pack

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def make_run(status: str = "current", **overrides: Any) -> Run:
    row: dict[str, Any] = {
        "status": status,
        "started_at": MOMENT,
        "finished_at": MOMENT,
        "input": "s3://bucket/ml-latest-small",
        "input_fingerprint": "0" * 64,
        "synthetic": False,
        "parameters": {"min_ratings": 50, "prior_weight": 50.0},
        "overruled_gates": {},
        "versions": {"spark": "4.0.5"},
        "movies_read": 4,
        "movies_accepted": 4,
        "movies_rated": 3,
        "movies_ranked": 0,
        "ratings_read": 12,
        "ratings_accepted": 10,
        "rejected_by_reason": {"movies": {}, "ratings": {"bad_id": 2}},
        "half_star_counts": [0, 0, 0, 0, 0, 2, 0, 4, 0, 4],
        "prior_mean": 4.2,
        "prior_weight": 50.0,
        "min_ratings": 50,
    }
    return Run.objects.create(**row | overrides)


def estimate(mean: float) -> dict[str, float]:
    return {"mean": mean, "lower": mean - 0.01, "upper": mean + 0.01}


def evaluation(ndcg: float = 0.5, *, splits: tuple[str, ...] = ("random",)) -> dict[str, Any]:
    """As the job measures: personal lists and what everybody else gets, half as good."""
    lists = {"coverage": 0.25, "titles": 350, "novelty": 2.16, "gini": 0.9}
    systems = [
        {
            "name": name,
            "users": 600,
            "metrics": {
                metric: estimate(mean)
                for metric in ("ndcg", "precision", "recall", "average_precision")
            },
            "lists": lists,
        }
        for name, mean in (("personal", ndcg), ("popularity", ndcg / 2))
    ]
    return {
        "protocol": 1,
        "k": 10,
        "users": 610,
        "ratings": 100_000,
        "is_sample": False,
        "splits": {
            split: {"train": 75_000, "test": 25_000, "systems": systems} for split in splits
        },
        "visitors": [{"name": "visitor", "users": 120, "ndcg": {"1": estimate(0.4)}}],
        "rating_buckets": [
            {
                "least": 100,
                "most": None,
                "movies": 9,
                "ratings": 99,
                "rmse": {"mean": 0.9},
                "coverage": {"weighted": 0.9},
            }
        ],
    }


def make_movie(
    movie_id: int, title: str = "", year: int | None = 2000, genres: tuple[str, ...] = ()
) -> Movie:
    title = title or f"Movie {movie_id}"
    movie = Movie.objects.create(movie_id=movie_id, title=title, year=year)
    for genre in genres:
        MovieGenre.objects.create(movie=movie, genre=genre)
    return movie


def rate(run: Run, movie: Movie, score: float = 4.0, **overrides: Any) -> RecommendationData:
    row: dict[str, Any] = {
        **{f"half_stars_{k}": 0 for k in HALF_STARS},
        "half_stars_8": 100,
        "rating_count": 100,
        "avg_rating": 4.0,
        "rank": None,
        "last_rated_at": MOMENT,
        "year": movie.year,
    }
    made = RecommendationData.objects.create(
        run=run, movie=movie, weighted_rating=score, **row | overrides
    )
    if made.rating_count >= run.min_ratings:
        run.movies_ranked += 1  # as the job counts them
        run.save(update_fields=["movies_ranked"])
    return made


def make_ranking(run: Run, count: int, **movie: Any) -> list[Movie]:
    """So many movies, the first the best; ids count from 1."""
    movies = [make_movie(n, **movie) for n in range(1, count + 1)]
    for rank, one in enumerate(movies, start=1):
        rate(run, one, score=5 - rank / 100, rank=rank)
    return movies


def make_models(run: Run, users: int = 0) -> None:
    """What a run says of itself that has models; their rows are the test's."""
    run.fitted_models = {
        "packing": contract.PACKING,
        "items": None,
        "visitors": {"movies": 3, "liked_from": 4.0},
        "similar": {"movies": 3, "shrinkage": 10.0, "users": 9},
        "users": users,
    }
    run.save(update_fields=["fitted_models"])


def make_similar(run: Run, movie: Movie, *similar: tuple[int, float, int]) -> SimilarMovie:
    """(movie id, lift, users who rated both)."""
    packed = pack(contract.SIMILAR_MOVIES, similar)
    return SimilarMovie.objects.create(run=run, movie=movie, packed=packed)


def make_weights(
    run: Run, movie: Movie, *weights: tuple[int, int], scale: float = 0.01
) -> VisitorWeights:
    """(movie id, step)."""
    packed = pack(contract.VISITOR_WEIGHTS, weights)
    return VisitorWeights.objects.create(run=run, movie=movie, scale=scale, packed=packed)


def make_user_list(
    run: Run,
    user_id: int,
    *entries: tuple[int, float, tuple[int, int, int], tuple[float, float, float]],
) -> UserRecommendation:
    """(movie id, score, reasons, their contributions)."""
    packed = pack(contract.USER_RECOMMENDATIONS, entries)
    return UserRecommendation.objects.create(run=run, user_id=user_id, packed=packed)


def curate(movie: Movie, **overrides: Any) -> Curation:
    return Curation.objects.create(movie=movie, **overrides)
