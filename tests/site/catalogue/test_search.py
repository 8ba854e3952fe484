"""Words of titles, whatever their accents, case and order."""

import pytest

from app.catalogue.search import TitleIndex

TITLES = ["Amélie", "Matrix, The", "Matrix Reloaded, The", "Ocean's Eleven", "Se7en", "M",
          "The Thing", "100 % Wolf", "Dr. Strangelove", "Æon Flux", "花样年华"]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("amelie", {0}), ("AMÉLIE", {0}), ("Ame\u0301lie", {0}), ("the matrix", {1, 2}),
        ("relo matr", {2}), ("atrix", set()), ("oceans", {3}), ("ocean’s 11", set()),
        ("m", {1, 2, 5}), ("se7", {4}), ("100%", {7}), ("dr strange", {8}), ("花样", {10}),
        ("the the", {1, 2, 6}), ("%", set()), ("_", set()), ("", set()), ("zzz", set()),
    ],
)  # fmt: skip
def test_words_begin_words_of_the_title(text, found):
    assert TitleIndex.of(TITLES).find(text) == found
