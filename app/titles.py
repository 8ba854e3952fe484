"""How titles are searched: by the beginnings of their words, without accents, case or signs.

`Amélie` is found as `amelie`, `Matrix, The` as `the matrix`. The job writes `search_title` of
the catalogue and folds by the same rules (`spark_jobs/input/titles.py`); a test holds both equal.
"""

import unicodedata

SEARCH_TITLE_LENGTH = 255
NO_APOSTROPHES = str.maketrans("", "", "'‘’ʼ")


def search_title(title: str) -> str:
    """The folded words, each led by a blank: LIKE '% matr%' finds words that begin so."""
    return "".join(f" {word}" for word in search_words(title))[:SEARCH_TITLE_LENGTH]


def search_words(text: str) -> list[str]:
    """The words of a title or of what somebody looks for: `Ocean's 11` -> `oceans`, `11`."""
    folded = _without_marks(_without_marks(text).casefold()).translate(NO_APOSTROPHES)
    return "".join(sign if sign.isalnum() else " " for sign in folded).split()


def _without_marks(text: str) -> str:
    signs = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in signs if not unicodedata.combining(sign))
