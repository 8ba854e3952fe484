"""Match the movies of an export to those of the catalogue: by ids, otherwise by title and year.

Titles are compared without article, accents, case and punctuation; a movie may have several, and
be dated a year off. If several movies fit equally well, there is no guessing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.catalogue.movies.spoken_titles import ARTICLES, spoken_title
from app.catalogue.ratings_import.formats import ImportedMovie
from app.catalogue.search import search_words

LEADING = {word for article in ARTICLES for word in search_words(article)}
YEARS_OFF = 1


@dataclass(frozen=True, slots=True)
class CatalogueMovie:
    """A movie that can be matched."""

    movie_id: int
    title: str
    year: int | None
    imdb_id: str
    """As in `ImportedMovie`."""
    tmdb_id: str


@dataclass(frozen=True, slots=True)
class Matches:
    """The movies of an export, matched."""

    stars: dict[int, float] = field(default_factory=dict)
    """Movie id -> stars; if a movie is in the export twice, the later ones."""
    watched: set[int] = field(default_factory=set)
    """Those without stars."""
    unknown: list[ImportedMovie] = field(default_factory=list)
    ambiguous: list[ImportedMovie] = field(default_factory=list)


def match(movies: Iterable[ImportedMovie], catalogue: Iterable[CatalogueMovie]) -> Matches:
    """Each movie that is found, and those that are not."""
    index, matches = _Index(catalogue), Matches()
    for movie in movies:
        found = index.find(movie)
        if len(found) != 1:
            (matches.ambiguous if found else matches.unknown).append(movie)
        elif movie.stars is None:
            matches.watched.update(found)
        else:
            matches.stars[found.pop()] = movie.stars
    matches.watched.difference_update(matches.stars)
    return matches


def title_keys(title: str) -> set[str]:
    """All titles of a movie in the form in which they are compared."""
    spoken = spoken_title(title)
    return {key for one in (spoken.title, *spoken.originals) if (key := _key(one))}


def _key(title: str) -> str:
    words = search_words(title)
    return " ".join(words[1:] if len(words) > 1 and words[0] in LEADING else words)


class _Index:
    def __init__(self, catalogue: Iterable[CatalogueMovie]) -> None:
        self.ids: set[int] = set()
        self.imdb: dict[str, int] = {}
        self.tmdb: dict[str, int] = {}
        self.titles: dict[str, list[CatalogueMovie]] = defaultdict(list)
        for movie in catalogue:
            self.ids.add(movie.movie_id)
            self.imdb[movie.imdb_id] = self.tmdb[movie.tmdb_id] = movie.movie_id
            for key in title_keys(movie.title):
                self.titles[key].append(movie)

    def find(self, movie: ImportedMovie) -> set[int]:
        """The movies that fit best."""
        if movie.movielens_id in self.ids:
            return {movie.movielens_id}
        for by, id_ in ((self.imdb, movie.imdb_id), (self.tmdb, movie.tmdb_id)):
            if id_ and id_ in by:
                return {by[id_]}
        return self._by_title(movie)

    def _by_title(self, movie: ImportedMovie) -> set[int]:
        keys = title_keys(movie.title) | title_keys(movie.other_title)
        fitting = {
            one.movie_id: _years_off(movie, one) for key in keys for one in self.titles.get(key, ())
        }
        least = min(fitting.values(), default=YEARS_OFF + 1)
        return {id_ for id_, off in fitting.items() if off == least <= YEARS_OFF}


def _years_off(movie: ImportedMovie, other: CatalogueMovie) -> float:
    """An unknown year fits a little worse than the same year."""
    if movie.year is None or other.year is None:
        return YEARS_OFF / 2
    return abs(movie.year - other.year)
