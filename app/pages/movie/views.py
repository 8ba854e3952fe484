"""/movies/<id>/: a movie, how it was rated, how its score came about, similar movies."""

from dataclasses import dataclass
from typing import cast
from urllib.parse import urljoin

from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _

from app.catalogue.loader import load_ranks
from app.catalogue.movies.detail import MovieDetail, movie_detail
from app.catalogue.movies.explanation import Explanation
from app.catalogue.movies.spoken_titles import spoken_title
from app.catalogue.movies.standings import decade_standing, genre_standings, overall_standing
from app.catalogue.recommendations.similar import SimilarMovie, similar_movies
from app.catalogue.runs import RunFigures
from app.pages.charts.half_stars import histogram
from app.pages.charts.rank_history import rank_history
from app.pages.charts.score_scale import score_scale
from app.pages.charts.years import years_chart
from app.pages.covers.drawing import CoverSubject
from app.pages.covers.views import cover_address
from app.pages.movie.score_terms import score_terms
from app.pages.movie.structured_data import as_script, movie_data
from app.pages.page import Page, PageView, about, from_database, page
from app.serving.catalogue_view import Query
from app.serving.version import CatalogueVersion
from app.web.parameters import RunParams

SIMILAR = 12


@dataclass(frozen=True, slots=True)
class KeptRank:
    """The rank of the movie in a run that is kept."""

    run: RunFigures
    rank: int | None


@dataclass(frozen=True, slots=True)
class AlikeMovie:
    """A similar movie, and why it is similar."""

    movie: SimilarMovie
    title: str
    shared_genres: list[str]
    times_chance: float | None
    """How many rated both, in multiples of how many would have by chance."""


class MovieView(PageView[RunParams]):
    """A page without the ranks of earlier runs, while the database is away, is not cached."""

    def caching(self, shown: object) -> str:
        """No cache keeps it: the next reader should see more."""
        is_whole = "kept_ranks" in cast(Page, shown).context
        return super().caching(shown) if is_whole else "no-store"


@page(RunParams, MovieView)
def movie(query: Query[RunParams], *, movie_id: int) -> Page:
    """The page of a movie."""
    version = query.version
    detail = movie_detail(version.curated, movie_id)
    context = {
        **about(version.run),
        **_head(query, detail),
        "alike": _alike(version, detail),
        "more_like_this": _can_recommend(version, movie_id),
    }
    if detail.explanation:
        context |= _ratings(version.run, detail) | _score(version, detail.explanation)
        context |= _kept_ranks(query, movie_id)
    else:
        context["kept_ranks"] = []
    return Page("app/movie.html", context)


def _head(query: Query[RunParams], detail: MovieDetail) -> dict[str, object]:
    catalogue = query.version.catalogue
    row = query.version.curated.row_of(detail.movie_id)
    spoken = spoken_title(detail.title)
    subject = CoverSubject(detail.movie_id, detail.title, detail.year, detail.genres)
    image = urljoin(query.address, cover_address(subject))
    data = movie_data(
        detail,
        title=spoken.title,
        originals=spoken.originals,
        address=query.address,
        image=image,
    )
    return {
        "movie": detail,
        "spoken": spoken,
        "image": image,
        "structured_data": as_script(data),
        "standing": overall_standing(catalogue, row),
        "genres": genre_standings(catalogue, row),
        "decade": decade_standing(catalogue, row),
    }


def _can_recommend(version: CatalogueVersion, movie_id: int) -> bool:
    """Whether anything follows from liking the movie."""
    row = version.curated.row_of(movie_id)
    return version.catalogue.models.has_weights_from(row)


def _ratings(run: RunFigures, detail: MovieDetail) -> dict[str, object]:
    return {"bars": histogram(detail.half_star_counts), **years_chart(detail.years, run)}


def _score(version: CatalogueVersion, explained: Explanation) -> dict[str, object]:
    """How the score and its rank came about, and what changed since the run before."""
    lower, upper = explained.lower_bound, explained.upper_bound
    interval = None if lower is None or upper is None else (lower, upper)
    before = explained.previous_run
    return {
        "explained": explained,
        "terms": score_terms(explained),
        "scale": score_scale(
            prior=explained.C,
            own=explained.R,
            score=explained.weighted_rating,
            interval=interval,
        ),
        "higher": (explained.rank or 1) - 1,
        "missing_ratings": max(version.run.min_ratings - explained.n, 0),
        "change": abs(explained.rank_change or 0),
        "changes": changes(version.published_run(before), version.run) if before else [],
    }


def changes(before: RunFigures, now: RunFigures) -> list[str]:
    """What, other than opinions, may have moved ranks between two runs, in words."""
    found = []
    if before.prior_weight != now.prior_weight:
        found.append(
            _("the imaginary ratings per movie went from %(before)s to %(now)s")
            % {
                "before": floatformat(before.prior_weight, "-1"),
                "now": floatformat(now.prior_weight, "-1"),
            }
        )
    if before.min_ratings != now.min_ratings:
        found.append(
            _("the ratings needed for a rank went from %(before)s to %(now)s")
            % {"before": before.min_ratings, "now": now.min_ratings}
        )
    return found


def _alike(version: CatalogueVersion, detail: MovieDetail) -> list[AlikeMovie]:
    """The most similar movies, if the run has any."""
    of = detail.explanation
    users = ((version.run.fitted_models or {}).get("similar") or {}).get("users")
    if of is None:
        return []
    return [
        AlikeMovie(
            movie=one,
            title=spoken_title(one.title).title,
            shared_genres=[name for name in one.genres if name in detail.genres],
            times_chance=one.users * users / (of.n * one.rating_count) if users else None,
        )
        for one in similar_movies(version.curated, detail.movie_id)[:SIMILAR]
    ]


def _kept_ranks(query: Query[RunParams], movie_id: int) -> dict[str, object]:
    """The ranks in all kept runs; empty if the database is away.

    They are not in the catalogue, but rows of a run never change: they are valid for every version
    that has the run among its kept ones.
    """
    runs = [run for run in reversed(query.version.runs) if run.kept]
    if len(runs) < 2:
        return {"kept_ranks": []}  # there is nothing to compare
    ranks = from_database(query, lambda: load_ranks(runs, movie_id))
    if ranks is None:
        return {}
    kept = [KeptRank(run, ranks[run.id]) for run in runs if run.id in ranks]
    pairs = [(one.run.id, one.rank) for one in kept]
    return {"kept_ranks": kept, "history": rank_history(pairs, shown=query.version.run.id)}
