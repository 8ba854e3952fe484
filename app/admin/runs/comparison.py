"""How the rankings of two runs differ for readers, in a handful of queries."""

from dataclasses import dataclass

from app.catalogue.decisions import Decisions
from app.catalogue.lists.comparison import Change, Comparison, compare_ranks, positions
from app.catalogue.loader import consistent_read
from app.models import Curation, Movie, RecommendationData, Run

SHOWN = 50
"""Movies of each kind on a page."""


@dataclass(frozen=True)
class Row:
    """A movie and its place in both rankings; None where it has none."""

    movie_id: int
    title: str
    before: int | None
    after: int | None
    change: int | None


@dataclass(frozen=True)
class Kind:
    """Movies that entered, left or moved: the first of them, and how many there are."""

    name: str
    count: int
    rows: list[Row]

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.rows)


@dataclass(frozen=True)
class Difference:
    """The sizes of two rankings, and the movies that differ."""

    size_before: int
    size_after: int
    kinds: list[Kind]


def difference(before: Run | None, after: Run, *, curated: bool) -> Difference:
    """Compare the rankings of two kept runs, with the decisions in force or without any."""
    with consistent_read():
        decisions = _decisions() if curated else Decisions()
        old = _places(before, decisions) if before else {}
        new = _places(after, decisions)
        found = compare_ranks(old, new)
        titles = _titles(found)
    kinds = [
        Kind(name, len(changes), [_row(change, titles) for change in changes[:SHOWN]])
        for name, changes in found.by_kind().items()
    ]
    return Difference(len(old), len(new), kinds)


def _decisions() -> Decisions:
    """The decisions in force, in the order in which lists apply them."""
    rows = Curation.objects.active().values_list("movie_id", "hidden", "pinned_position")
    return Decisions(
        frozenset(movie_id for movie_id, hidden, _ in rows if hidden),
        tuple(sorted((position, id_) for id_, _, position in rows if position is not None)),
    )


def _places(run: Run, decisions: Decisions) -> dict[int, int]:
    """Movie id -> its place in the ranking of a run."""
    rows = RecommendationData.objects.filter(run=run)
    ranked = rows.filter(rank__isnull=False).values_list("movie_id", "rank")
    ranks = {movie_id: rank or 0 for movie_id, rank in ranked}
    pinned = [movie_id for _, movie_id in decisions.pins]
    rated = rows.filter(movie_id__in=pinned).values_list("movie_id", flat=True) if pinned else ()
    return positions(ranks, decisions, frozenset(rated))


def _titles(found: Comparison) -> dict[int, Movie]:
    shown = [id_ for changes in found.by_kind().values() for id_, _, _ in changes[:SHOWN]]
    return Movie.objects.in_bulk(shown)


def _row(change: Change, titles: dict[int, Movie]) -> Row:
    movie_id, old, new = change
    title = str(titles.get(movie_id, movie_id))
    return Row(movie_id, title, old, new, old - new if old and new else None)
