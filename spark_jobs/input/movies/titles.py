"""Split the year from the title, which MovieLens writes together.

Forms met in the wild: `Toy Story (1995)`, `Death Note (2006–2007)`, `Show (2007-)`,
`Show (2009– )`, `Film (1983))`, `Deadly Advice(1994)`, `Film (1957) (Your Past Is Showing)`,
`Film (2017) (2017)`, `Film (1995) (V)`, trailing blanks, and no year at all.
"""

import re

YEAR = r"(?:18|19|20)[0-9]{2}"
RANGE_END = r"(?:[-–—]\s*(?:[0-9]{4})?\s*)?"
LAST_YEAR = re.compile(
    rf"(?P<before>.*?)\s*\(\s*(?P<year>{YEAR})\s*{RANGE_END}\)+"
    r"(?:\s*\((?P=year)\))*"
    rf"\s*(?P<behind>(?:(?!\(\s*{YEAR}).)*)",
    re.DOTALL,
)


def part(raw: str) -> tuple[str, int | None]:
    """(title, year of release): the first year of a range, None where the title names none.

    The title stays as it is if removing the year would leave nothing.
    """
    found = LAST_YEAR.fullmatch(raw)
    if not found:
        return raw.strip(), None
    title = f"{found['before']} {found['behind']}".strip()
    return title or raw.strip(), int(found["year"])
