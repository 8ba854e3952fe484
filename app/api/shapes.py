"""The shapes of the JSON answers; a catalogue's own value that is shown as it is needs no other.

The OpenAPI document is made from these and from the attributes' docstrings; pydantic does not see
those of inherited attributes, so these are fields. Stars go from 0.5 to 5.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from pydantic import Field

from app.api.run_shapes import Evaluation, FittedModels, TrendSettings
from app.catalogue.decisions import DecisionCounts
from app.catalogue.lists.comparison import Move
from app.catalogue.lists.genres import GenreSize
from app.catalogue.lists.ranking import ListedMovie
from app.catalogue.recommendations.similar import SimilarMovie
from app.catalogue.runs import RunFigures
from app.models.runs import notice_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Shape = TypeVar("Shape", bound="DataclassInstance")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunId:
    id: int
    finished_at: datetime
    synthetic: Annotated[bool, Field(description="Whether the data is generated, not real.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthRun(RunId):
    age_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthWarning:
    reason: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    status: Literal["ok"]
    database: Literal["ok"]
    run: HealthRun
    warnings: list[HealthWarning]
    """What an operator should look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    status: Literal["alive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    run: Annotated[int, Field(description="The run that the list comes from.")]
    count: Annotated[int, Field(description="How many results there are in all.")]
    next: Annotated[
        str | None, Field(description="The next page, of the same version of the catalogue.")
    ]
    previous: str | None
    notice: Annotated[
        str | None,
        Field(
            description="What to know about this page: that the previous pages came from another "
            "version of the catalogue, or what the run lacks."
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking(Page):
    results: list[ListedMovie]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendations(Ranking):
    """A list that may begin with recommendations for one person; the ranking follows."""

    version: str
    """Of the catalogue; the parameter of this name keeps other pages to it."""
    personal: int
    """How many of the movies in the whole list are recommended personally."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trending(Ranking):
    """trend = the sum over months of ratings times 2^-(months since / half-life)."""

    half_life_months: float | None
    """That would best have predicted the data's past; null if ratings never lose weight."""
    newest_month: str | None
    """The month that counts as now, such as 2018-09; null if the run has no trends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarMovies(Page):
    """lift = (users - d_i d_j / N) / (sqrt(d_i d_j) + shrinkage), d_j each `rating_count`."""

    results: list[SimilarMovie]
    movie_id: int
    rating_count: int | None
    """d_i, of the requested movie; null without ratings."""
    N: int | None
    """All users in the data; null in a run without models."""
    shrinkage: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Genres(Page):
    results: list[GenreSize]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Page):
    """Movies that entered the ranking, by rank, then those that left it, then those that moved, the
    farthest first."""

    results: list[Move]
    before: int
    entered: int
    left: int
    moved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """Figures of a run."""

    run: RunId
    notice: str | None
    """What to know before trusting the figures."""
    movies: int
    movies_rated: int
    movies_ranked: int
    ratings: int
    ratings_rejected: int
    mean_rating: float
    prior_mean: float
    prior_weight: float
    min_ratings: int
    half_star_counts: dict[str, int]
    """Stars -> ratings."""
    evaluation: Evaluation | None
    """How good the recommendations are; null if the run did not measure it."""
    curation: DecisionCounts
    """Curators' decisions for all lists."""
    top: list[ListedMovie]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunItem:
    """A run that is or was current."""

    id: int
    status: Literal["current", "superseded"]
    kept: Annotated[
        bool, Field(description="Whether `run` may name it: its rows are still available.")
    ]
    synthetic: bool
    started_at: datetime
    finished_at: datetime
    movies: int
    movies_ranked: int
    ratings: int
    ratings_rejected: int
    prior_mean: float
    prior_weight: float
    min_ratings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs(Page):
    results: list[RunItem]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDetail(RunItem):
    notice: str | None
    movies_read: int
    movies_rated: int
    ratings_read: int
    ratings_superseded: int
    rejected_by_reason: dict[str, dict[str, int]]
    half_star_counts: dict[str, int]
    overruled_gates: dict[str, str]
    versions: dict[str, str]
    encrypted: bool | None
    """Whether the job's connection to the database was encrypted; null if there was no network in
    between, or it is not known."""
    trending: TrendSettings | None
    """Half-life and newest month of the trends; null if the run has none."""
    input_fingerprint: str
    fitted_models: FittedModels | None
    """What the recommendations are made with; null if the run has only rankings."""
    evaluation: Evaluation | None
    """How good the recommendations are; null if the run did not measure it."""
    curation: DecisionCounts
    """Curators' decisions for all lists; they apply to those of every run."""


def run_notice(run: RunFigures) -> str | None:
    """What a reader must know before trusting the figures; None for real data."""
    return notice_of(synthetic=run.synthetic, scale=run.scale)


def shaped(shape: type[Shape], source: object, **more: object) -> Shape:
    """A shape from `more` and from the attributes of `source` with the names of its fields."""
    names = (field.name for field in fields(shape) if field.name not in more)
    return shape(**{name: getattr(source, name) for name in names}, **more)
