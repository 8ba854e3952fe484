"""What the JSON answers hold; where a catalogue's own value is what is shown, it is the shape.

The OpenAPI document is made of these, of the attributes' docstrings too; those of
inherited attributes pydantic does not see, so they are fields. Stars go from 0.5 to 5.
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
    synthetic: Annotated[bool, Field(description="Generated data, not real ones.")]


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
    run: Annotated[int, Field(description="The run that the list is of.")]
    count: Annotated[int, Field(description="How many results there are in all.")]
    next: Annotated[
        str | None, Field(description="The next page, of the same version of the catalogue.")
    ]
    previous: str | None
    notice: Annotated[
        str | None,
        Field(
            description="What to know of this page: that the pages before were of another version "
            "of the catalogue, or what the run lacks."
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking(Page):
    results: list[ListedMovie]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendations(Ranking):
    """A list that may begin with what is recommended to one person; the ranking follows."""

    version: str
    """Of the catalogue; the parameter of this name holds further pages to it."""
    personal: int
    """So many of the movies in the whole list are recommended personally."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trending(Ranking):
    """trend = the sum over months of ratings times 2^-(months since / half-life)."""

    half_life_months: float | None
    """That would have foretold the data's own past best; null: a rating never loses weight."""
    newest_month: str | None
    """What is now, such as 2018-09; null where the run has no trends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarMovies(Page):
    """lift = (users - d_i d_j / N) / (sqrt(d_i d_j) + shrinkage), d_j each `rating_count`."""

    results: list[SimilarMovie]
    movie_id: int
    rating_count: int | None
    """d_i, of the movie that was asked for; null without ratings."""
    N: int | None
    """All users of the data; null in a run without models."""
    shrinkage: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Genres(Page):
    results: list[GenreSize]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Page):
    """What entered the ranking, by rank, then what left it, then what moved, the farthest first."""

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
    """How good the recommendations are; null where the run did not measure it."""
    curation: DecisionCounts
    """What curators decided about all lists."""
    top: list[ListedMovie]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunItem:
    """A run that is or was current."""

    id: int
    status: Literal["current", "superseded"]
    kept: Annotated[bool, Field(description="Whether `run` may name it: its rows are still there.")]
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
    """Whether the job's connection to the database was encrypted; null where there was no network
    in between, or it is not known."""
    trending: TrendSettings | None
    """Half-life and newest month of the trends; null where the run has none."""
    input_fingerprint: str
    fitted_models: FittedModels | None
    """What the recommendations are made with; null where the run has rankings alone."""
    evaluation: Evaluation | None
    """How good the recommendations are; null where the run did not measure it."""
    curation: DecisionCounts
    """What curators decided about all lists; it is in force in those of every run."""


def run_notice(run: RunFigures) -> str | None:
    """What a reader must know before trusting the figures; None for real data."""
    return notice_of(synthetic=run.synthetic, scale=run.scale)


def shaped(shape: type[Shape], source: object, **more: object) -> Shape:
    """A shape, of `more` and of what `source` has under the names of its fields."""
    names = (field.name for field in fields(shape) if field.name not in more)
    return shape(**{name: getattr(source, name) for name in names}, **more)
