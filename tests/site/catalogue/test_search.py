"""Words of titles, whatever their accents, case and order."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.search import TitleIndex, search_words

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


FOLDED = {
    "Amélie": " amelie",
    "amelie": " amelie",
    "AME\u0301LIE": " amelie",
    "Matrix, The": " matrix the",
    "Ocean's Eleven": " oceans eleven",
    "M. Hulot’s Holiday": " m hulots holiday",
    "'burbs, The": " burbs the",
    '"11\'09"01 - September 11': " 1109 01 september 11",
    "Three Colors: Blue (Trois couleurs: Bleu)": " three colors blue trois couleurs bleu",
    "WALL·E": " wall e",
    "100% Wolf_Pack": " 100 wolf pack",
    "Straße": " strasse",
    "İstanbul": " istanbul",
    "ΟΔΟΣ": " οδοσ",
    "οδός": " οδοσ",
    "Alien³": " alien3",
    "ＡＫＩＲＡ": " akira",
    "霸王别姬": " 霸王别姬",
    "Смерть 🎬": " смерть",
    "Ёлки": " елки",
    "NUL\x00 and \ud800": " nul and",
    "!!!": "",
    "": "",
}


@pytest.mark.parametrize("title", FOLDED)
def test_titles_fold(title):
    assert search_words(title) == FOLDED[title].split()


@given(st.text(st.characters(exclude_categories=())))
def test_what_is_folded_stays_as_it_is(text):
    words = search_words(text)
    assert search_words(" ".join(words)) == words
    assert all(sign.isalnum() for word in words for sign in word)


def test_every_sign_of_unicode_folds_the_same_once_and_twice():
    for first in range(0, sys.maxunicode, 4096):
        words = search_words(" ".join(map(chr, range(first, first + 4096))))
        assert search_words(" ".join(words)) == words
