"""The parameters of every address: they mean the same for JSON addresses and pages.

Only the models here say what is allowed: they validate, and the OpenAPI document is made from them.
What only a catalogue knows (is there such a genre, such a run?) it checks itself.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal, Self, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from app.catalogue.lists.ranking import MovieFilter
from app.catalogue.orders import RANKING, Order
from app.models.fields import LARGEST
from app.web.field_errors import FieldError, field_error
from app.web.picks import MovieIds, Ratings, movie_ids, ratings
from app.web.values import Share, Text, WholeNumber

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
LeastRatings = Annotated[
    int, WholeNumber(0, LARGEST), Field(description="The minimum number of ratings.")
]
TITLE_WORDS = Field(
    description="Words that begin words of the title, in any order; accents, case and "
    "punctuation do not matter. Text without any letter or digit finds nothing.",
    json_schema_extra={"example": "the matrix"},
)


class Parameters(BaseModel):
    """The parameters that an address takes; any other is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def query(self) -> str:
        """The canonical query string: defaults are left out, the order is fixed."""
        given = self.model_dump(exclude_defaults=True)
        plain = {name: sorted(set(v)) if isinstance(v, list) else v for name, v in given.items()}
        return urlencode(sorted(plain.items()), doseq=True, safe=",:")

    def conflicts(self) -> Iterator[FieldError]:
        """Parameters that are valid by themselves, but not together."""
        yield from ()


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
        int, WholeNumber(1, 100), Field(description="The maximum number of results.")
    ] = 20
    offset: Annotated[
        int, WholeNumber(0, 1_000_000), Field(description="How many results to skip.")
    ] = 0

    def page(self, entries: Sequence[T]) -> list[T]:
        """The requested entries of a whole list."""
        return list(entries[self.offset : self.offset + self.limit])

    def next(self, count: int) -> Self | None:
        """The next page of a list of `count` entries."""
        following = self.offset + self.limit
        return self.at(following) if following < count else None

    def previous(self, count: int) -> Self | None:
        """The previous page; past the end of the list it is the last one."""
        return self.at(max(min(self.offset, count) - self.limit, 0)) if self.offset else None

    def at(self, offset: int) -> Self:
        """The same list from `offset` on."""
        return self.model_copy(update={"offset": offset})


class ListParams(Pagination, RunParams):
    """A list that belongs to a run."""

    version: Annotated[
        str | None,
        Text(pattern="^[0-9a-f]{12}-[0-9a-f]{12}$"),
        Field(
            description="The version of the catalogue that the previous pages came from, as in "
            "`next`. If it is gone, only the run stays the same, and `notice` says so."
        ),
    ] = None


class RunHistoryParams(Pagination):
    """The list of the runs themselves."""

    run: Annotated[
        int | None,
        WholeNumber(1, LARGEST),
        Field(description="The newest run to list; by default the newest of all."),
    ] = None


class DifferenceParams(Pagination):
    """What changed between two runs, for a page."""

    kind: Literal["entered", "climbed", "fell", "left"] | None = None
    limit: Annotated[int, WholeNumber(1, 100)] = 50


class FilterParams(ListParams):
    """A list of movies that can be filtered."""

    genre: Annotated[
        list[Genre],
        Field(
            max_length=MOST_GENRES,
            description="Movies of any of these genres, by full name; `-Horror` leaves out the "
            "movies of a genre. Repeatable.",
        ),
    ] = []
    year_from: Annotated[Year, Field(description="Not older than this; inclusive.")] = None
    year_to: Annotated[Year, Field(description="Not newer than this; inclusive.")] = None
    min_ratings: Annotated[
        int | None,
        WholeNumber(0, LARGEST),
        Field(
            description="The minimum number of ratings; by default the run's eligibility floor, "
            "which pinned movies need not reach."
        ),
    ] = None
    q: Annotated[str | None, Text(100), TITLE_WORDS] = None

    @property
    def filter(self) -> MovieFilter:
        return MovieFilter(
            genres=tuple(name for name in self.genre if not name.startswith("-")),
            without_genres=tuple(name[1:] for name in self.genre if name.startswith("-")),
            year_from=self.year_from,
            year_to=self.year_to,
            min_ratings=self.min_ratings,
            words=self.q,
        )


class RankingParams(FilterParams):
    order: Annotated[
        Order,
        Field(
            description="What the list is ordered by, the greatest first. Pinned movies are at "
            "their positions only in the order of `weighted_rating`. A run that lacks the values "
            "for an order uses that one instead, and `notice` says so."
        ),
    ] = RANKING


MOST_PICKS, MOST_PICKS_IN_JSON = 100, 2_000
LARGEST_USER = 2**63 - 1
LIKE = Field(description="Ids of movies that somebody likes; the same as 4 stars in `rated`.")
RATED = Field(
    description="Ids of movies with somebody's stars, in steps of 0.5: 1:4.5,260:3. "
    "4 stars weigh 1, 5 stars 1.5, 3 stars 0.5, 2 and fewer nothing."
)
NOVELTY = Field(
    description="For personal recommendations: 0 prefers what many like, 1 what fewer do. "
    "Without it, popular movies count more the fewer movies somebody likes."
)


class Picks:
    """What `like` and `rated` say."""

    like: str | None
    rated: str | None

    @property
    def picks(self) -> dict[int, float | None]:
        """Movie id -> stars, None for a movie that is only liked."""
        return dict.fromkeys(movie_ids(self.like)) | ratings(self.rated)


class RecommendationParams(Picks, RankingParams):
    """The ranking, or recommendations for one person."""

    like: Annotated[str | None, MovieIds(MOST_PICKS), LIKE] = None
    rated: Annotated[str | None, Ratings(MOST_PICKS), RATED] = None
    user: Annotated[
        int | None,
        WholeNumber(1, LARGEST_USER),
        Field(description="A user in the data, for the list that the run has for them."),
    ] = None
    novelty: Annotated[float | None, Share(), NOVELTY] = None

    def conflicts(self) -> Iterator[FieldError]:
        named = [name for name in ("like", "rated", "user") if getattr(self, name) is not None]
        for name in named[1:]:
            detail = f"must not be given together with {named[0]}"
            given = getattr(self, name)
            yield field_error(name, given, detail, "conflict", other=named[0])
        if named and "order" in self.model_fields_set:
            detail = f"must not be given together with {named[0]}: that list has its own order"
            yield field_error("order", self.order, detail, "own_order")
        if self.novelty is not None and not named:
            detail = "must be given together with like, rated or user"
            yield field_error("novelty", self.novelty, detail, "for_nobody")


class RecommendationBody(Picks, FilterParams):
    """The same as JSON, for lists that are too long for an address."""

    like: Annotated[str | None, MovieIds(MOST_PICKS_IN_JSON), LIKE] = None
    rated: Annotated[str | None, Ratings(MOST_PICKS_IN_JSON, in_json=True), RATED] = None
    novelty: Annotated[float | None, Share(), NOVELTY] = None

    user: ClassVar[None] = None
    """A user's list is never too long for an address."""

    def conflicts(self) -> Iterator[FieldError]:
        if (self.like is None) == (self.rated is None):
            yield field_error("like", None, "either like or rated must be given", "either")


class RankingPageParams(RankingParams):
    """The ranking on a page: more rows at once."""

    limit: Annotated[int, WholeNumber(1, 100)] = 50


class TrendingParams(FilterParams):
    """What is rising: every rated movie counts, as a trend is a number of ratings itself."""

    min_ratings: LeastRatings = 0


class SearchParams(RankingParams):
    """A ranking that requires words of a title, and in which every rated movie counts."""

    q: Annotated[str, Text(100), TITLE_WORDS]
    min_ratings: LeastRatings = 0
