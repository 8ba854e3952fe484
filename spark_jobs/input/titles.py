"""MovieLens writes the year into the title; here the two part, and the title gets searchable.

Titles are searched by the beginnings of their words, without accents, case or signs. The site
folds what somebody looks for by the same rules (`app/titles.py`); a test holds both equal.

Forms met in the wild: `Toy Story (1995)`, `Death Note (2006–2007)`, `Show (2007-)`,
`Show (2009– )`, `Film (1983))`, `Deadly Advice(1994)`, `Film (1957) (Your Past Is Showing)`,
`Film (2017) (2017)`, `Film (1995) (V)`, trailing blanks, and no year at all.
"""

import re
import unicodedata

from spark_jobs.contract import TITLE_LENGTH

YEAR = r"(?:18|19|20)[0-9]{2}"
RANGE_END = r"(?:[-–—]\s*(?:[0-9]{4})?\s*)?"
LAST_YEAR = re.compile(
    rf"(?P<before>.*?)\s*\(\s*(?P<year>{YEAR})\s*{RANGE_END}\)+"
    r"(?:\s*\((?P=year)\))*"
    rf"\s*(?P<behind>(?:(?!\(\s*{YEAR}).)*)",
    re.DOTALL,
)
NO_APOSTROPHES = str.maketrans("", "", "'‘’ʼ")


def part(raw: str) -> tuple[str, int | None]:
    """(title, year of release): the first year of a range, None where the title names none.

    The title stands as it is where taking the year away would leave nothing.
    """
    found = LAST_YEAR.fullmatch(raw)
    if not found:
        return raw.strip(), None
    title = f"{found['before']} {found['behind']}".strip()
    return title or raw.strip(), int(found["year"])


def search_title(title: str) -> str:
    """The folded words, each led by a blank: LIKE '% matr%' finds words that begin so."""
    return "".join(f" {word}" for word in search_words(title))[:TITLE_LENGTH]


def search_words(text: str) -> list[str]:
    """The words of a title or of what somebody looks for: `Ocean's 11` -> `oceans`, `11`."""
    folded = _without_marks(_without_marks(text).casefold()).translate(NO_APOSTROPHES)
    return "".join(sign if sign.isalnum() else " " for sign in folded).split()


def _without_marks(text: str) -> str:
    signs = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in signs if not unicodedata.combining(sign))
