"""Titles as people say them. MovieLens moves articles for sorting, and appends other titles.

`Godfather, The` is The Godfather; `Léon: The Professional (a.k.a. The Professional) (Léon)` is
Léon: The Professional, also called The Professional and Léon.
"""

import re
from dataclasses import dataclass

ARTICLES = (
    *("The", "A", "An", "Da"),
    *("Le", "La", "Les", "L'", "Un", "Une", "Des", "De"),
    *("El", "Los", "Las", "Lo", "Una", "O", "Os", "As", "Um", "Uma"),
    *("Il", "I", "Gli"),
    *("Der", "Die", "Das", "Ein", "Eine", "Den", "Det", "En", "Et", "Ett", "Het", "Een"),
)
"""Of English and the other languages of titles in the data; De is sometimes a preposition."""
BEHIND = re.compile(rf"(?P<name>.+), (?P<article>{'|'.join(ARTICLES)})(?P<part>:.*)?", re.DOTALL)
"""The part: `Crow, The: Wicked Prayer`."""
ALSO_KNOWN_AS = re.compile(r"^a\.?k\.?a\.?:? ", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SpokenTitle:
    """What a movie is called."""

    title: str
    originals: tuple[str, ...] = ()
    """Its other titles: in its own language, in other countries."""


def spoken_title(title: str) -> SpokenTitle:
    """The title of a movie and those that follow it in parentheses."""
    name, behind = title.strip(), []
    while found := _last_parenthesis(name):
        name, inside = found
        behind.append(_article_first(ALSO_KNOWN_AS.sub("", inside, count=1).strip()))
    spoken = _article_first(name)
    others = dict.fromkeys(other for other in reversed(behind) if other and other != spoken)
    return SpokenTitle(spoken, tuple(others))


def _article_first(title: str) -> str:
    found = BEHIND.fullmatch(title)
    if not found:
        return title
    blank = "" if found["article"].endswith("'") else " "
    return f"{found['article']}{blank}{found['name']}{found['part'] or ''}"


def _last_parenthesis(title: str) -> tuple[str, str] | None:
    """The text before the parenthesis that ends a title, and the text in it."""
    if not title.endswith(")"):
        return None
    depth = 0
    for place in range(len(title) - 1, 0, -1):
        depth += {")": 1, "(": -1}.get(title[place], 0)
        if depth == 0:
            before = title[:place].rstrip()
            return (before, title[place + 1 : -1].strip()) if before else None
    return None
