"""Which movies those of an export are."""

import pytest

from app.catalogue.ratings_import.formats import ImportedMovie
from app.catalogue.ratings_import.matching import CatalogueMovie, match

CATALOGUE = [
    CatalogueMovie(2571, "Matrix, The", 1999, "133093", "603"),
    CatalogueMovie(4973, "Amelie (Fabuleux destin d'Amélie Poulain, Le)", 2001, "211915", "194"),
    CatalogueMovie(293, "Léon: The Professional (a.k.a. The Professional) (Léon)", 1994, "", ""),
    CatalogueMovie(41, "Hamlet", 1996, "", ""),
    CatalogueMovie(42, "Hamlet", 1990, "", ""),
    CatalogueMovie(43, "Hamlet", 1990, "", ""),
    CatalogueMovie(50, "Usual Suspects, The", None, "", ""),
]


def found(title, year=None, **more):
    matches = match([ImportedMovie(title, year, 4.0, **more)], CATALOGUE)
    if matches.ambiguous:
        return "ambiguous"
    return next(iter(matches.stars), None)


@pytest.mark.parametrize(
    ("title", "year", "movie_id"),
    [
        ("The Matrix", 1999, 2571),
        ("matrix", 1998, 2571),
        ("Matrix, The", None, 2571),
        ("The Matrix", 2003, None),
        ("Amélie", 2001, 4973),
        ("Le Fabuleux Destin d'Amélie Poulain", 2001, 4973),
        ("Léon: The Professional", 1994, 293),
        ("Leon", 1995, 293),
        ("The Professional", 1994, 293),
        ("Hamlet", 1996, 41),
        ("Hamlet", 1990, "ambiguous"),
        ("Hamlet", None, "ambiguous"),
        ("The Usual Suspects", 1995, 50),
        ("", 1999, None),
        ("The", 1999, None),
    ],
)
def test_titles_match_without_article_accents_and_a_year_off(title, year, movie_id):
    assert found(title, year) == movie_id


def test_ids_come_before_titles():
    assert found("Another name", 1950, imdb_id="133093") == 2571
    assert found("Another name", 1950, tmdb_id="194") == 4973
    assert found("Another name", 1950, movielens_id=42) == 42
    assert found("The Matrix", 1999, imdb_id="9999999") == 2571
    assert found("Original of another site", 1999, other_title="The Matrix") == 2571


def test_of_a_movie_that_stands_there_twice_the_later_rating_holds():
    movies = [ImportedMovie("The Matrix", 1999, stars) for stars in (2.0, None, 5.0)]
    matches = match(movies, CATALOGUE)
    assert (matches.stars, matches.watched) == ({2571: 5.0}, set())
