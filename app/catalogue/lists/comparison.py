"""How the rankings of two runs differ."""

from array import array
from collections.abc import Collection
from dataclasses import dataclass

from app.catalogue.catalogue import Catalogue, CuratedCatalogue
from app.catalogue.columns import NONE
from app.catalogue.decisions import Decisions, Pin, honoured


@dataclass(frozen=True, slots=True)
class Move:
    """A movie whose rank differs between two runs; null if it had none."""

    movie_id: int
    title: str
    year: int | None
    before: int | None
    after: int | None
    change: int | None
    """Places gained; negative if lost."""


Change = tuple[int, int | None, int | None]
"""(movie id, rank before, rank after)."""
Ranks = dict[int, int]
"""Movie id -> rank."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Movies that entered, by rank, that left, and that moved, the farthest first."""

    entered: list[Change]
    left: list[Change]
    moved: list[Change]

    @property
    def changes(self) -> list[Change]:
        return [*self.entered, *self.left, *self.moved]

    @property
    def climbed(self) -> list[Change]:
        return [row for row in self.moved if (row[1] or 0) > (row[2] or 0)]

    @property
    def fell(self) -> list[Change]:
        return [row for row in self.moved if (row[1] or 0) < (row[2] or 0)]

    def by_kind(self) -> dict[str, list[Change]]:
        return {"entered": self.entered, "left": self.left, "moved": self.moved}


def compare(before: CuratedCatalogue, after: CuratedCatalogue) -> Comparison:
    """The rankings of two runs; movies that `after` hides are left out."""
    old, new = ranks(before.catalogue), ranks(after.catalogue)
    return compare_ranks(old, new, hidden=after.decisions.hidden)


def since_previous_run(curated: CuratedCatalogue) -> Comparison | None:
    """What changed since the kept run before, whose ranks a catalogue has; None without one."""
    if curated.catalogue.previous_run is None:
        return None
    old, new = previous_ranks(curated.catalogue), ranks(curated.catalogue)
    return compare_ranks(old, new, hidden=curated.decisions.hidden)


def compare_ranks(old: Ranks, new: Ranks, *, hidden: Collection[int] = ()) -> Comparison:
    """Two rankings; hidden movies are left out."""
    both = sorted((old.keys() | new.keys()) - set(hidden))
    rows = [(id_, old.get(id_), new.get(id_)) for id_ in both]
    moved = [row for row in rows if row[1] and row[2] and row[1] != row[2]]
    return Comparison(
        entered=sorted((row for row in rows if row[1] is None), key=lambda row: row[2] or 0),
        left=sorted((row for row in rows if row[2] is None), key=lambda row: row[1] or 0),
        moved=sorted(moved, key=lambda row: -abs((row[1] or 0) - (row[2] or 0))),
    )


def moves(before: CuratedCatalogue, after: CuratedCatalogue, changes: list[Change]) -> list[Move]:
    """Changes with the titles of the later run."""
    shown = []
    for id_, old, new in changes:
        title, year = after.title_of(id_) or before.title_of(id_) or ("", None)
        shown.append(Move(id_, title, year, old, new, old - new if old and new else None))
    return shown


def ranks(catalogue: Catalogue) -> Ranks:
    """The ranks in the catalogue's run."""
    return _ranks(catalogue, catalogue.columns.rank)


def previous_ranks(catalogue: Catalogue) -> Ranks:
    """The ranks in the kept run before, of movies that the catalogue has."""
    return _ranks(catalogue, catalogue.columns.previous_rank)


def _ranks(catalogue: Catalogue, column: "array[int]") -> Ranks:
    pairs = zip(catalogue.columns.movie_ids, column, strict=True)
    return {movie_id: rank for movie_id, rank in pairs if rank != NONE}


def positions(
    ranks: dict[int, int], decisions: Decisions, rated: frozenset[int] = frozenset()
) -> dict[int, int]:
    """Movie id -> its place in the ranking as readers see it.

    `rated` are the pinned movies that have ratings in the run; the others are not listed.
    """
    listed = [id_ for id_ in sorted(ranks, key=ranks.__getitem__) if id_ not in decisions.hidden]
    pins = [
        Pin(position, movie_id, movie_id in ranks)
        for position, movie_id in decisions.pins
        if movie_id in rated and movie_id not in decisions.hidden
    ]
    pinned = honoured(pins, len(listed))
    at_their_places = {pin.place for _, pin in pinned}
    found = [id_ for id_ in listed if id_ not in at_their_places]
    for index, pin in pinned:
        found.insert(index, pin.place)
    return {movie_id: place for place, movie_id in enumerate(found, start=1)}
