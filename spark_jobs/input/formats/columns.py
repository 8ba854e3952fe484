"""Which column of a file holds what, from its header or from the operator.

Names are compared without case, blanks and punctuation: `User-ID` is `userid`. If several
columns match, the one whose name comes first in NAMES is used.
"""

import re
from collections.abc import Mapping, Sequence

ROLES = {
    "ratings": ("user", "movie", "rating", "time"),
    "movies": ("movie", "title", "genres", "year"),
}
OPTIONAL = ("time", "genres", "year")
NONE = "none"
"""In place of a column's name: leave this column out."""
_MOVIE = """movieid itemid isbn animeid productid bookid filmid asin sku movie item product anime
    book film mid iid""".split()
NAMES = {
    "ratings": {
        "user": """userid user uid customerid customer reviewerid memberid profileid accountid
            username userkey""".split(),
        "movie": _MOVIE,
        "rating": "rating bookrating yourrating userrating stars score ratings overall".split(),
        "time": """timestamp date daterated unixreviewtime time datetime ratedat createdat tstamp
            ratingdate reviewtime""".split(),
    },
    "movies": {
        "movie": [*_MOVIE, "id"],
        "title": """title movietitle booktitle filmtitle producttitle productname name
            moviename""".split(),
        "genres": "genres genre categories category tags".split(),
        "year": "year yearofpublication releaseyear startyear publicationyear".split(),
    },
}
"""Kind -> role -> the column names recognised for it, in lower case."""
MOVIELENS = {
    "ratings": ("userId", "movieId", "rating", "timestamp"),
    "movies": ("movieId", "title", "genres"),
}
"""MovieLens' own headers, in the order of the roles."""


class MissingColumns(Exception):
    """A header without a required column; `roles` are those not found."""

    def __init__(self, roles: Sequence[str]) -> None:
        super().__init__(", ".join(roles))
        self.roles = tuple(roles)


def find_columns(kind: str, header: Sequence[str], named: Mapping[str, str]) -> dict[str, int]:
    """Role -> position in `header`, by the names that the operator gave, else by NAMES.

    Raises MissingColumns, and KeyError for a named column that does not exist.
    """
    found = {role: _position(kind, role, header, named) for role in ROLES[kind]}
    if missing := [r for r, place in found.items() if place is None and r not in OPTIONAL]:
        raise MissingColumns(missing)
    return {role: place for role, place in found.items() if place is not None}


def by_position(kind: str, named: Mapping[str, str]) -> dict[str, int] | None:
    """Role -> position if the operator numbered the columns (from 1), else None."""
    given = {role: name for role, name in named.items() if name != NONE}
    if not given or not all(re.fullmatch("[1-9][0-9]?", name) for name in given.values()):
        return None
    if missing := [role for role in ROLES[kind] if role not in {*given, *OPTIONAL}]:
        raise MissingColumns(missing)
    return {role: int(name) - 1 for role, name in given.items()}


def parse_columns(kind: str, text: str) -> dict[str, str]:
    """Parse `user=a,movie=b` into a dict. Raises ValueError for anything else."""
    roles = "|".join(ROLES[kind])
    parts = re.split(rf",(?=(?:{roles})=)", text)  # names may contain commas
    pairs = [part.partition("=") for part in parts]
    if not all(role in ROLES[kind] and name for role, _, name in pairs):
        form = ",".join(f"{role}=NAME" for role in ROLES[kind])
        raise ValueError(f"{text!r} must have the form {form} (a number counts columns from 1)")
    if len({role for role, _, _ in pairs}) < len(pairs):
        raise ValueError(f"{text!r} names a column twice")
    if wrong := [role for role, _, name in pairs if name == NONE and role not in OPTIONAL]:
        raise ValueError(f"{text!r}: {wrong[0]} cannot be left out")
    return {role: name for role, _, name in pairs}


def folded(name: str) -> str:
    """`User-ID` -> `userid`."""
    return re.sub(r"[\W_]", "", name).lower()


def _position(kind: str, role: str, header: Sequence[str], named: Mapping[str, str]) -> int | None:
    if named.get(role) == NONE:
        return None
    names = [name.strip() for name in header]
    if role in named:
        exact = [i for i, name in enumerate(names) if name == named[role].strip()]
        alike = [i for i, name in enumerate(names) if folded(name) == folded(named[role])]
        if not exact and not alike:
            raise KeyError(named[role])
        return (exact or alike)[0]
    taken = [folded(name) for name in names]
    return next((taken.index(name) for name in NAMES[kind][role] if name in taken), None)
