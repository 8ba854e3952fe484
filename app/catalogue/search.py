"""Search titles by the beginnings of their words, ignoring accents, case and punctuation.

`Amélie` is found as `amelie`, `Matrix, The` as `the matrix`.
"""

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

NO_APOSTROPHES = str.maketrans("", "", "'‘’ʼ")
WORD = re.compile(r"[^\W_]+")  # what str.isalnum() takes
LAST_CHARACTER = chr(0x10FFFF)


def search_words(text: str) -> list[str]:
    """The words of a title or of a search: `Ocean's 11` -> `oceans`, `11`."""
    folded = _without_marks(_without_marks(text).casefold()).translate(NO_APOSTROPHES)
    return WORD.findall(folded)


def _without_marks(text: str) -> str:
    if text.isascii():
        return text
    signs = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in signs if not unicodedata.combining(sign))


@dataclass(frozen=True, slots=True)
class TitleIndex:
    """An inverted index: the words of all titles, sorted, and the movies that each is in.

    The movies of `words[n]` are `rows[starts[n]:starts[n + 1]]`. Words with the same beginning
    are adjacent, so their movies are a slice of `rows`.
    """

    words: list[str]
    starts: "array[int]"
    rows: "array[int]"

    @classmethod
    def of(cls, titles: Iterable[str]) -> "TitleIndex":
        rows_of: dict[str, array[int]] = {}
        for row, title in enumerate(titles):
            for word in set(search_words(title)):
                rows_of.setdefault(word, array("i")).append(row)
        words = sorted(rows_of)
        starts, rows = array("i", [0]), array("i")
        for word in words:
            rows += rows_of.pop(word)
            starts.append(len(rows))
        return cls(words, starts, rows)

    def find(self, text: str) -> set[int]:
        """The rows of movies whose titles have a word beginning with each word of `text`.

        The order does not matter. Text without a letter or digit finds nothing.
        """
        found: set[int] | None = None
        for word in search_words(text):
            rows = self._beginning_with(word)
            found = set(rows) if found is None else found.intersection(rows)
        return found or set()

    def _beginning_with(self, word: str) -> "array[int]":
        first = bisect_left(self.words, word)
        end = bisect_left(self.words, word + LAST_CHARACTER)
        return self.rows[self.starts[first] : self.starts[end]]
