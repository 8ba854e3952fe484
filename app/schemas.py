"""The shapes of the JSON answers, for the OpenAPI document. Stars go from 0.5 to 5."""

from datetime import datetime
from typing import Literal

from ninja import Schema
from pydantic import Field


class FieldError(Schema):
    field: str
    value: str | None = Field(description="What was given; null where nothing was.")
    detail: str = Field(description="What is allowed.")


class Problem(Schema):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = Field(None, description="Of a 400: what makes no sense.")
    reason: str | None = Field(None, description="Of a 503: a word for programs.")


class RunId(Schema):
    id: int
    finished_at: datetime
    synthetic: bool = Field(description="Generated data, not real ones.")


class HealthRun(RunId):
    age_seconds: int


class HealthWarning(Schema):
    reason: str
    detail: str


class Health(Schema):
    status: Literal["ok"]
    database: Literal["ok"]
    run: HealthRun
    warnings: list[HealthWarning] = Field(description="What an operator should look at.")


class Life(Schema):
    status: Literal["alive"]


class Item(Schema):
    """A movie in a list."""

    position: int = Field(description="Its place in this list, from 1.")
    pinned: bool = Field(description="A curator put it at its place.")
    rank: int | None = Field(description="Its rank in the run; null below the eligibility floor.")
    movie_id: int
    title: str
    year: int | None
    genres: list[str]
    rating_count: int
    avg_rating: float
    weighted_rating: float


class Page(Schema):
    run: int = Field(description="The run that the list is of.")
    count: int = Field(description="How many results there are in all.")
    next: str | None = Field(description="The next stretch, of the same run.")
    previous: str | None


class Ranking(Page):
    results: list[Item]


class Stats(Schema):
    """Figures of a run."""

    run: RunId
    notice: str | None = Field(description="What to know before trusting the figures.")
    movies: int
    movies_rated: int
    movies_ranked: int
    ratings: int
    ratings_rejected: int
    mean_rating: float
    prior_mean: float
    prior_weight: float
    min_ratings: int
    half_star_counts: dict[str, int] = Field(description="Stars -> ratings.")
    top: list[Item]


class Explanation(Schema):
    """weighted_rating = (n R + m C) / (n + m), the posterior mean of a normal-normal model."""

    n: int = Field(description="Ratings of the movie.")
    R: float = Field(description="Mean of those ratings, in stars.")
    C: float = Field(description="Prior mean: the mean of all ratings, in stars.")
    m: float = Field(description="Prior weight, in ratings.")
    weight: float = Field(description="n / (n + m): how far the movie speaks for itself.")
    weighted_rating: float
    rank: int | None
    former_run: int | None = Field(description="The kept run before this one.")
    former_rank: int | None
    rank_change: int | None = Field(description="Places won (or lost, below 0) since that run.")


class MovieDetail(Schema):
    """A movie of the catalogue in a run. Without ratings there is nothing to explain."""

    run: int
    movie_id: int
    title: str
    year: int | None
    genres: list[str]
    pinned: bool
    half_star_counts: dict[str, int]
    last_rated_at: datetime | None
    explanation: Explanation | None


class GenreItem(Schema):
    genre: str
    movies: int = Field(description="Movies of the genre that the run has ratings of.")
    movies_ranked: int


class Genres(Page):
    results: list[GenreItem]


class RunItem(Schema):
    """A run that is or was current."""

    id: int
    status: Literal["current", "superseded"]
    kept: bool = Field(description="Whether its rows are still there to be asked for.")
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


class Runs(Page):
    results: list[RunItem]


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
    encrypted: bool | None = Field(
        description="Whether the job's connection to the database was encrypted; null where there "
        "was no network in between, or it is not known."
    )
    input_fingerprint: str


class Move(Schema):
    """A movie whose rank differs between two runs; null where it had none."""

    movie_id: int
    title: str
    year: int | None
    before: int | None
    after: int | None
    change: int | None = Field(description="Places won, or lost below 0.")


class Difference(Page):
    """What entered the ranking, by rank, then what left it, then what moved, the farthest first."""

    before: int
    entered: int
    left: int
    moved: int
    results: list[Move]
