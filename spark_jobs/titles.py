"""MovieLens writes the year into the title; here the two part.

Forms met in the wild: `Toy Story (1995)`, `Death Note (2006–2007)`, `Show (2007-)`,
`Show (2009– )`, `Film (1983))`, `Deadly Advice(1994)`, `Film (1957) (Your Past Is Showing)`,
`Film (2017) (2017)`, `Film (1995) (V)`, trailing blanks, and no year at all.
"""

from pyspark.sql import Column
from pyspark.sql import functions as F

YEAR = r"(?:18|19|20)\d{2}"
RANGE_END = r"(?:[-–—]\s*(?:\d{4})?\s*)?"
# 1: what stands before the last year, 2: the year, 3: what stands behind it.
LAST_YEAR = (
    rf"^(.*?)\s*\(\s*({YEAR})\s*{RANGE_END}\)+"
    r"(?:\s*\(\2\))*"
    rf"\s*((?:(?!\(\s*{YEAR}).)*)$"
)


def title_without_year(raw: Column) -> Column:
    """The title; as it stands where taking the year away would leave nothing."""
    parts = [F.regexp_extract(raw, LAST_YEAR, group) for group in (1, 3)]
    title = F.trim(F.concat_ws(" ", *parts))
    return F.when(title == "", F.trim(raw)).otherwise(title)


def year(raw: Column) -> Column:
    """The year of release, the first one of a range; null where the title names none."""
    digits = F.regexp_extract(raw, LAST_YEAR, 2)
    return F.when(digits != "", digits).cast("int")
