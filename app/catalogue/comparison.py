"""What the ranking of one run has that another's had not, and the other way round."""

from dataclasses import dataclass

from app.catalogue.catalogue import Catalogue, CuratedCatalogue
from app.catalogue.columns import NONE


@dataclass(frozen=True, slots=True)
class Move:
    """A movie whose rank differs between two runs; null where it had none."""

    movie_id: int
    title: str
    year: int | None
    before: int | None
    after: int | None
    change: int | None
    """Places won, or lost below 0."""


Change = tuple[int, int | None, int | None]
"""(movie id, rank before, rank after)."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What entered, by rank, what left, and what moved, the farthest first."""

    entered: list[Change]
    left: list[Change]
    moved: list[Change]

    @property
    def changes(self) -> list[Change]:
        return [*self.entered, *self.left, *self.moved]

    def by_kind(self) -> dict[str, list[Change]]:
        return {"entered": self.entered, "left": self.left, "moved": self.moved}


def compare(before: CuratedCatalogue, after: CuratedCatalogue) -> Comparison:
    """The rankings of two runs; movies that `after` hides are left out."""
    old, new = ranks(before.catalogue), ranks(after.catalogue)
    hidden = after.decisions.hidden
    both = sorted((old.keys() | new.keys()) - hidden)
    rows = [(id_, old.get(id_), new.get(id_)) for id_ in both]
    moved = [row for row in rows if row[1] and row[2] and row[1] != row[2]]
    return Comparison(
        entered=sorted((row for row in rows if row[1] is None), key=lambda row: row[2] or 0),
        left=sorted((row for row in rows if row[2] is None), key=lambda row: row[1] or 0),
        moved=sorted(moved, key=lambda row: -abs((row[1] or 0) - (row[2] or 0))),
    )


def moves(before: CuratedCatalogue, after: CuratedCatalogue, changes: list[Change]) -> list[Move]:
    """Changes with titles as the later run knows them."""
    shown = []
    for id_, old, new in changes:
        title, year = after.title_of(id_) or before.title_of(id_) or ("", None)
        shown.append(Move(id_, title, year, old, new, old - new if old and new else None))
    return shown


def ranks(catalogue: Catalogue) -> dict[int, int]:
    """Movie id -> rank, of the ranked movies."""
    columns = catalogue.columns
    pairs = zip(columns.movie_ids, columns.rank, strict=True)
    return {movie_id: rank for movie_id, rank in pairs if rank != NONE}
