"""/for-you/: what follows from the movies that a visitor names.

Everything a visitor says is in the address. Every click follows a link or sends a form to another.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from app.catalogue.catalogue import CuratedCatalogue
from app.catalogue.columns import value
from app.catalogue.errors import UnknownMovies
from app.catalogue.lists.ranking import ListedMovie, MovieFilter, MovieList, top_movies
from app.catalogue.lists.starter_set import starter_set
from app.catalogue.recommendations.for_you import for_visitor
from app.catalogue.recommendations.recommendation import NOVELTY
from app.pages.page import Page, about, page
from app.serving.catalogue_view import Query
from app.web.field_errors import field_error
from app.web.for_you_params import MOST_SEEN, ForYouParams
from app.web.parameters import MOST_PICKS
from app.web.problems import Problem, bad_parameters

MATCHES = 8
SEEN_SHOWN = 50
STARS = tuple(half_stars / 2 for half_stars in range(10, 0, -1))
DISLIKED = 1.0
"""Stars of a disliked movie: nothing follows from it, and it is left out of the list."""
NOVELTIES = {0.0: _("Safe choices"), NOVELTY: _("A bit of both"), 1.0: _("Surprises")}
Stars = Mapping[int, float | None]


@dataclass(frozen=True, slots=True)
class NamedMovie:
    """A movie that the visitor named, and links."""

    movie_id: int
    title: str
    year: int | None
    genres: tuple[str, ...]
    stars: float | None
    without: str
    """The query of the page without this movie."""


@dataclass(frozen=True, slots=True)
class Share:
    """A movie that a recommendation follows from."""

    title: str
    percent: int


@dataclass(frozen=True, slots=True)
class Recommended:
    """A movie in the list, why it is there, and what a visitor may say about it."""

    movie: ListedMovie
    shares: list[Share]
    liked: str
    disliked: str
    seen: str


@page(ForYouParams)
def for_you(query: Query[ForYouParams]) -> Page:
    """The page of a visitor."""
    query.version.check_rows()
    params, curated = query.params, query.version.curated
    novelty = NOVELTY if params.novelty is None else params.novelty
    found = _list(curated, params)
    named = [_named(curated, params, movie_id) for movie_id in params.picks]
    context = {
        "params": params,
        "named": named,
        "is_full": len(named) >= MOST_PICKS,
        "seen": [_seen(curated, params, movie_id) for movie_id in params.seen_ids[:SEEN_SHOWN]],
        "is_full_of_seen": len(params.seen_ids) >= MOST_SEEN,
        "wider": params.model_copy(update=dict.fromkeys(("genre", "year_from", "year_to"))).query,
        "has_models": query.version.run.has_models,
        "matches": _matches(curated, params),
        "starters": [] if named or params.q else _additions(params, starter_set(curated)),
        "found": found,
        "entries": [_recommended(params, one) for one in found.movies],
        "next": query.pinned.next(found.count) if named else None,
        "previous": query.pinned.previous(found.count) if named else None,
        "reset": params.naming({}, []).query,
        "hidden": _hidden(params.naming(params.picks, params.seen_ids)),
        "stars": STARS,
        "novelties": [(v, label, v == novelty) for v, label in NOVELTIES.items()],
        "genres": query.version.genres,
    }
    return Page("app/for_you.html", about(query.version.run) | context)


def _list(curated: CuratedCatalogue, params: ForYouParams) -> MovieList:
    """Raises Problem (400) for movies that do not exist."""
    try:
        return for_visitor(
            curated,
            params.picks,
            params.filter,
            novelty=params.novelty,
            seen=params.seen_ids,
            limit=params.limit,
            offset=params.offset,
        )
    except UnknownMovies as error:
        raise _unknown(params, error) from None


def _unknown(params: ForYouParams, error: UnknownMovies) -> Problem:
    """The problem, with a link to the page without these movies."""
    missing = set(error.movie_ids)
    ids = ",".join(map(str, error.movie_ids))
    name = "seen" if missing & {*params.seen_ids} else "rated" if params.rated else "like"
    detail = f"must name movies in the catalogue; these are not: {ids}"
    problem = bad_parameters(field_error(name, ids, detail, "no_movie"))
    picks = {id_: stars for id_, stars in params.picks.items() if id_ not in missing}
    seen = [id_ for id_ in params.seen_ids if id_ not in missing]
    problem.words = {"mended": params.naming(picks, seen).query}
    return problem


def _named(curated: CuratedCatalogue, params: ForYouParams, movie_id: int) -> NamedMovie:
    columns = curated.catalogue.columns
    row = curated.row_of(movie_id)
    others = {id_: stars for id_, stars in params.picks.items() if id_ != movie_id}
    return NamedMovie(
        movie_id,
        columns.titles[row],
        value(columns.catalogue_years[row]),
        columns.genre_names(row),
        params.picks[movie_id],
        params.naming(others, params.seen_ids).query,
    )


def _seen(curated: CuratedCatalogue, params: ForYouParams, movie_id: int) -> tuple[str, str]:
    """The title of a seen movie, and the query that brings it back."""
    title, _year = curated.title_of(movie_id) or ("", None)
    others = [id_ for id_ in params.seen_ids if id_ != movie_id]
    return title, params.naming(params.picks, others).query


def _matches(
    curated: CuratedCatalogue, params: ForYouParams
) -> list[tuple[ListedMovie, str]] | None:
    """The best-known movies that match `q`, each with the query that adds it; None without `q`."""
    if not params.q:
        return None
    wanted = MovieFilter(words=params.q, min_ratings=0)
    return _additions(
        params, top_movies(curated, wanted, order="rating_count", limit=MATCHES).movies
    )


def _additions(params: ForYouParams, movies: list[ListedMovie]) -> list[tuple[ListedMovie, str]]:
    return [(movie, _saying(params, movie.movie_id, None)) for movie in movies]


def _recommended(params: ForYouParams, movie: ListedMovie) -> Recommended:
    id_ = movie.movie_id
    seen = params.naming(params.picks, [*params.seen_ids, id_]).query
    return Recommended(
        movie,
        list(_shares(movie)),
        liked=_saying(params, id_, None),
        disliked=_saying(params, id_, DISLIKED),
        seen=seen,
    )


def _shares(movie: ListedMovie) -> Iterator[Share]:
    """The share of each reason in what speaks for the movie."""
    positive = [one for one in movie.reasons if one.contribution > 0]
    whole = sum(one.contribution for one in positive) + max(movie.rest, 0.0)
    for one in positive:
        percent = round(100 * one.contribution / whole)
        if percent:
            yield Share(one.title, percent)


def _saying(params: ForYouParams, movie_id: int, stars: float | None) -> str:
    """The query with one more movie."""
    return params.naming(params.picks | {movie_id: stars}, params.seen_ids).query


def _hidden(params: ForYouParams) -> list[tuple[str, str]]:
    """What the visitor has said, as hidden fields of a form."""
    named = {"like": params.like, "rated": params.rated, "seen": params.seen}
    return [(name, text) for name, text in named.items() if text]
