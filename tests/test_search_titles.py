"""Search titles: what they are, and that the job and the site make the same of every text."""

import csv
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import titles as of_the_site
from spark_jobs import contract
from spark_jobs.input import titles as of_the_job

SEARCHED = {
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
TEXTS = st.text(st.characters(exclude_categories=()))
HOUSES = [of_the_site, of_the_job]


@pytest.mark.parametrize("house", HOUSES)
@pytest.mark.parametrize("title", SEARCHED)
def test_titles_fold(house, title):
    assert house.search_title(title) == SEARCHED[title]
    assert house.search_words(title) == SEARCHED[title].split()


def same(text):
    words = of_the_site.search_words(text)
    assert words == of_the_job.search_words(text)
    assert of_the_site.search_title(text) == of_the_job.search_title(text)
    return words


@given(TEXTS)
def test_both_houses_make_the_same_of_any_text(text):
    same(text)


@given(TEXTS)
def test_what_is_folded_stays_as_it_is(text):
    words = same(text)
    assert same(" ".join(words)) == words
    assert all(sign.isalnum() for word in words for sign in word)


def test_every_sign_of_unicode_folds_the_same_once_and_twice():
    for first in range(0, sys.maxunicode, 4096):
        text = " ".join(map(chr, range(first, first + 4096)))
        assert same(" ".join(same(text))) == same(text)


def test_the_real_titles_fold_the_same(movielens):
    with (movielens / "movies.csv").open(newline="", encoding="utf-8") as file:
        assert all(same(row["title"]) for row in csv.DictReader(file))


@pytest.mark.parametrize("house", HOUSES)
def test_a_title_that_folding_makes_longer_is_cut(house):
    title = "ﷺ" * contract.TITLE_LENGTH
    assert len(house.search_title(title)) == contract.TITLE_LENGTH
