"""Catalogues for tests: a movie is a few words, what matters to no test is made up."""

from datetime import UTC, datetime
from typing import Any

from app.catalogue.catalogue import Catalogue, CuratedCatalogue, build
from app.catalogue.columns import Columns
from app.catalogue.decisions import Decisions
from app.catalogue.fitted import FittedModels
from app.catalogue.runs import RunFigures, by_stars
from spark_jobs import contract
from tests.support.packing import pack

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def figures(**overrides: Any) -> RunFigures:
    row: dict[str, Any] = {
        "id": 1, "status": "current", "started_at": MOMENT, "finished_at": MOMENT,
        "purged_at": None, "synthetic": False, "scale": "0.5-5", "encrypted": None,
        "input_fingerprint": "0" * 64, "parameters": {},
        "overruled_gates": {}, "versions": {}, "movies_read": 4, "movies": 4,
        "movies_rated": 3, "movies_ranked": 3, "ratings_read": 12, "ratings": 10,
        "ratings_superseded": 0, "rejected_by_reason": {},
        "half_star_counts": by_stars([0, 0, 0, 0, 0, 2, 0, 4, 0, 4]), "prior_mean": 4.2,
        "prior_weight": 50.0, "min_ratings": 50, "trending": None, "fitted_models": None,
        "evaluation": None,
    }  # fmt: skip
    return RunFigures(**row | overrides)


def catalogue(movies: dict[int, dict[str, Any]], *, min_ratings: int = 50, **run: Any) -> Catalogue:
    """Of movie id -> title, year, genres, and count, mean, score, rank and so on where it is rated.

    `weights` are (movie id, step), `similar` are (movie id, lift, users).
    """
    columns, models = Columns(), FittedModels()
    for movie_id, movie in sorted(movies.items()):
        title = movie.get("title", f"Movie {movie_id}")
        genres = tuple(sorted(movie.get("genres", ())))
        year, count = movie.get("year"), movie.get("count")
        bounds = (movie.get("lower"), movie.get("upper"), movie.get("trend"))
        rated = (
            *(count, movie.get("mean", 4.0), movie.get("score", 4.0), year, movie.get("rank")),
            *(
                movie.get("previous"),
                *bounds,
                MOMENT,
                pack(contract.MONTHS, movie.get("months", [])),
            ),
        )
        counts = [0] * 7 + [count, 0, 0] if count is not None else [None] * 10
        figures_of = rated if count is not None else [None] * len(rated)
        columns.add([(movie_id, title, year, *figures_of, "", "", None, *counts)], [genres])
        if "weights" in movie:
            packed = pack(contract.VISITOR_WEIGHTS, movie["weights"])
            models.visitor_weights.add(len(columns) - 1, packed)
            models.scales.append(movie.get("scale", 0.01))
        if "similar" in movie:
            models.similar.add(len(columns) - 1, pack(contract.SIMILAR_MOVIES, movie["similar"]))
    previous_run = 1 if any("previous" in movie for movie in movies.values()) else None
    return build(
        figures(min_ratings=min_ratings, **run), columns, models, previous_run=previous_run
    )


def curated(
    movies: dict[int, dict[str, Any]],
    *,
    hidden: tuple[int, ...] = (),
    pins: tuple[tuple[int, int], ...] = (),
    **more: Any,
) -> CuratedCatalogue:
    return CuratedCatalogue.of(catalogue(movies, **more), Decisions(frozenset(hidden), pins))
