"""The parameters of every address: one meaning on the JSON addresses and on the pages.

The models here are the only place that says what is allowed: they validate, and the OpenAPI
document is made of them. What only a catalogue knows (is there such a genre, such a run?) it says
itself.
"""

from collections.abc import Sequence
from typing import Annotated, Self, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from app.catalogue.catalogue import CuratedCatalogue
from app.catalogue.orders import RANKING, Order
from app.catalogue.ranking import MovieFilter, MovieList, top_movies
from app.models.fields import LARGEST
from app.web.values import Text, WholeNumber

T = TypeVar("T")
MOST_GENRES = 20

MovieId = Annotated[
    int,
    WholeNumber(1, LARGEST),
    Field(description="Its MovieLens id.", json_schema_extra={"example": 1}),
]
RunId = Annotated[int, WholeNumber(1, LARGEST), Field(description="The number of a run.")]
Year = Annotated[int | None, WholeNumber(1800, 2100)]
Genre = Annotated[str, Text(65)]
TITLE_WORDS = Field(
    description="Words that begin words of the title, in any order; accents, case and "
    "punctuation do not matter. Text without any letter or digit finds nothing.",
    json_schema_extra={"example": "the matrix"},
)


class Parameters(BaseModel):
    """What an address takes; what is not named is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def query(self) -> str:
        """The canonical query string: what is default is left out, the order is fixed."""
        given = self.model_dump(exclude_defaults=True)
        plain = {name: sorted(set(v)) if isinstance(v, list) else v for name, v in given.items()}
        return urlencode(sorted(plain.items()), doseq=True)


class NoParams(Parameters):
    """For addresses that take no parameters."""


class RunParams(Parameters):
    run: Annotated[
        int | None,
        WholeNumber(1, LARGEST),
        Field(description="A run whose rows are kept; by default the current one."),
    ] = None


class Pagination(Parameters):
    limit: Annotated[
        int, WholeNumber(1, 100), Field(description="How many results at the most.")
    ] = 20
    offset: Annotated[
        int, WholeNumber(0, 1_000_000), Field(description="How many results to pass over.")
    ] = 0

    def page(self, entries: Sequence[T]) -> list[T]:
        """The entries of a whole list that are asked for."""
        return list(entries[self.offset : self.offset + self.limit])

    def next(self, count: int) -> Self | None:
        """The next page of a list of `count` entries."""
        following = self.offset + self.limit
        return self.at(following) if following < count else None

    def previous(self, count: int) -> Self | None:
        """The page before; from past the end it leads back to the end."""
        return self.at(max(min(self.offset, count) - self.limit, 0)) if self.offset else None

    def at(self, offset: int) -> Self:
        """The same list from `offset` on."""
        return self.model_copy(update={"offset": offset})


class PageParams(Pagination, RunParams):
    """A list that belongs to a run."""

    version: Annotated[
        str | None,
        Text(pattern="^[0-9a-f]{12}-[0-9a-f]{12}$"),
        Field(
            description="The version of the catalogue that the pages before were of, as `next` "
            "names it. Where it is gone the run alone is held to, and `notice` says so."
        ),
    ] = None


class RunHistoryParams(Pagination):
    """The list of the runs themselves."""

    run: Annotated[
        int | None,
        WholeNumber(1, LARGEST),
        Field(description="The newest run to be listed; by default the newest that there is."),
    ] = None


class RankingParams(PageParams):
    genre: Annotated[
        list[Genre],
        Field(
            max_length=MOST_GENRES,
            description="Movies of any of these genres, by whole names; `-Horror` leaves the "
            "movies of a genre out. Repeatable.",
        ),
    ] = []
    year_from: Annotated[Year, Field(description="Not older than this; inclusive.")] = None
    year_to: Annotated[Year, Field(description="Not newer than this; inclusive.")] = None
    min_ratings: Annotated[
        int | None,
        WholeNumber(0, LARGEST),
        Field(
            description="At least so many ratings; by default the run's eligibility floor, "
            "which pinned movies need not reach."
        ),
    ] = None
    q: Annotated[str | None, Text(100), TITLE_WORDS] = None
    order: Annotated[
        Order,
        Field(
            description="What the list is ordered by, the greatest first. Pinned movies stand at "
            "their positions in the order of `weighted_rating` only."
        ),
    ] = RANKING

    def select(self, curated: CuratedCatalogue) -> MovieList:
        """The movies that are asked for. Raises UnknownGenre."""
        wanted = MovieFilter(
            genres=tuple(name for name in self.genre if not name.startswith("-")),
            without_genres=tuple(name[1:] for name in self.genre if name.startswith("-")),
            year_from=self.year_from,
            year_to=self.year_to,
            min_ratings=self.min_ratings,
            words=self.q,
        )
        return top_movies(curated, wanted, order=self.order, limit=self.limit, offset=self.offset)


class PageRankingParams(RankingParams):
    """The ranking as a page has it: more rows at once."""

    limit: Annotated[int, WholeNumber(1, 100)] = 50


class SearchParams(RankingParams):
    """A ranking that a title must be given for, and in which every rated movie counts."""

    q: Annotated[str, Text(100), TITLE_WORDS]
    min_ratings: Annotated[
        int, WholeNumber(0, LARGEST), Field(description="At least so many ratings.")
    ] = 0
