"""Ids: whole numbers as they are, text as a number that depends only on the text.

The code of a text id is the first 63 bits of the SHA-256 of its UTF-8 bytes, without blanks
around it. A movie's number in the tables is the first 31 bits of that. So an id has the
same number in every run, whatever else is in the files. The codes are long enough that no
two ids of a data set share one; the numbers are not: `input/movies/catalogue.py` rejects
movies that do. A user's number is the first 53 bits: JSON's numbers are exact up to there.
"""

import hashlib
import re

LARGEST_ID = 2**31 - 1
CODE_BITS, NUMBER_BITS, USER_BITS = 63, 31, 53
is_whole_number = re.compile(r"0*[0-9]{1,18}(?:\.0*)?").fullmatch
"""Tables with missing values turn 1 into `1.0`."""


def number_of(text: str) -> int | None:
    """The number of a numeric id of at most 18 digits; None for other text."""
    return int(text.partition(".")[0]) if is_whole_number(text) else None


def is_number(text: str) -> bool:
    """Whether the id can be stored in the tables as it is."""
    number = number_of(text)
    return number is not None and number <= LARGEST_ID


def code_of(text: str) -> int:
    """The code of a text id; 0, which is not an id, for an empty one."""
    plain = text.strip()
    if not plain:
        return 0
    digest = hashlib.sha256(plain.encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - CODE_BITS)


def movie_number(code: int) -> int:
    """The number of a movie whose id has this code."""
    return code >> (CODE_BITS - NUMBER_BITS)


def user_number(code: int) -> int:
    """The number of a user whose id has this code or is already a number."""
    return code if code <= LARGEST_ID else code >> (CODE_BITS - USER_BITS)
