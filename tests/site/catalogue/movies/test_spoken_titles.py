"""What movies are called when people speak of them."""

import csv
import re

import pytest

from app.catalogue.movies.spoken_titles import spoken_title
from spark_jobs.input.movies.titles import part

CASES = [
    ("Toy Story", "Toy Story", ()),
    ("Godfather, The", "The Godfather", ()),
    ("Godfather: Part II, The", "The Godfather: Part II", ()),
    ("Crow, The: Wicked Prayer", "The Crow: Wicked Prayer", ()),
    ("Avventura, L' (Adventure, The)", "L'Avventura", ("The Adventure",)),
    ("Boot, Das (Boat, The)", "Das Boot", ("The Boat",)),
    (
        "City of Lost Children, The (Cité des enfants perdus, La)",
        "The City of Lost Children",
        ("La Cité des enfants perdus",),
    ),
    (
        "Léon: The Professional (a.k.a. The Professional) (Léon)",
        "Léon: The Professional",
        ("The Professional", "Léon"),
    ),
    (
        "Asterix in America (a.k.a Asterix Conquers America) (Astérix et les Indiens)",
        "Asterix in America",
        ("Asterix Conquers America", "Astérix et les Indiens"),
    ),
    (
        "Evangelion: 1.0 You Are (Not) Alone (Evangerion shin gekijôban: Jo)",
        "Evangelion: 1.0 You Are (Not) Alone",
        ("Evangerion shin gekijôban: Jo",),
    ),
    ("(500) Days of Summer", "(500) Days of Summer", ()),
    ("Honey, I Shrunk the Kids", "Honey, I Shrunk the Kids", ()),
    ("Paris, Texas", "Paris, Texas", ()),
    ("Alien (Alien)", "Alien", ()),
    ("(Untitled)", "(Untitled)", ()),
    ("Broken) title)", "Broken) title)", ()),
    ("Empty ()", "Empty", ()),
    ("", "", ()),
]


@pytest.mark.parametrize(("title", "spoken", "originals"), CASES)
def test_a_title_is_told_as_people_say_it(title, spoken, originals):
    found = spoken_title(title)
    assert (found.title, found.originals) == (spoken, originals)


def test_no_title_of_the_data_loses_a_word(movielens):
    with (movielens / "movies.csv").open(encoding="utf-8", newline="") as file:
        titles = [part(row["title"])[0] for row in csv.DictReader(file)]
    for title in titles:
        found = spoken_title(title)
        assert found.title
        told = {word for name in (found.title, *found.originals) for word in _words(name)}
        assert set(_words(title)) - told <= {"a", "k", "aka"}, title


def _words(title):
    return re.findall(r"\w+", title)
