"""What is read of the exports of other sites."""

import json
from typing import Any

import pytest

from app.catalogue.ratings_import.formats import ImportedMovie, UnreadableExport, read_export
from tests.site.catalogue.ratings_import.exported import EXPORTS, LETTERBOXD

MATRIX: dict[str, Any] = {"imdb_id": "133093", "tmdb_id": "603"}


@pytest.mark.parametrize(
    ("file", "source", "first", "skipped"),
    [
        ("letterboxd-ratings.csv", "Letterboxd", ImportedMovie("The Matrix", 1999, 4.5), 0),
        ("letterboxd-watched.csv", "Letterboxd", ImportedMovie("Amélie", 2001, None), 0),
        ("imdb.csv", "IMDb", ImportedMovie("The Matrix", 1999, 4.5, "The Matrix", "133093"), 1),
        ("imdb-before-2017.csv", "IMDb", ImportedMovie("The Matrix", 1999, 3.5, "", "133093"), 0),
        (
            "movielens-ratings.csv",
            "MovieLens",
            ImportedMovie("Matrix, The", 1999, 4.5, **MATRIX, movielens_id=2571),
            0,
        ),
        ("trakt.json", "Trakt", ImportedMovie("The Matrix", 1999, 4.5, **MATRIX), 1),
    ],
)
def test_each_export_is_told_by_its_columns(file, source, first, skipped):
    found = read_export((EXPORTS / file).read_bytes())
    assert (found.source, found.movies[0], found.skipped) == (source, first, skipped)


@pytest.mark.parametrize(
    "data",
    [
        LETTERBOXD.encode("utf-8-sig"),
        LETTERBOXD.encode("utf-16"),
        LETTERBOXD.replace("\n", "\r\n").encode(),
        LETTERBOXD.replace('"I, Tonya"', "I Tonya").replace(",", ";").encode(),
        b"\n" + LETTERBOXD.encode(),
    ],
)
def test_what_spreadsheets_do_to_a_file_is_no_matter(data):
    assert [movie.stars for movie in read_export(data).movies] == [4.5, 3.0]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"PK\x03\x04rest", "zip"),
        (b"\x00\x01\x02", "not_text"),
        (b"\xff\xfe\x00", "not_text"),
        (b"a,b,c\n1,2,3\n", "unknown_format"),
        (b"hello", "unknown_format"),
        (b"[1, 2]", "unknown_format"),
        (b'{"movie": 1}', "unknown_format"),
        (b"[{", "malformed"),
        (b"[" * 100_000, "malformed"),
        (b"Name,Year,Letterboxd URI\n" + b"x" * 200_000, "malformed"),
        (b"Name,Year,Letterboxd URI\n", "no_movies"),
        (b"Name,Year,Letterboxd URI\n,,\n", "no_movies"),
        (b'[{"show": {"title": "Dark"}}]', "no_movies"),
    ],
)
def test_what_cannot_be_read_says_why(data, fault):
    with pytest.raises(UnreadableExport) as error:
        read_export(data)
    assert error.value.fault == fault


@pytest.mark.parametrize(
    ("given", "stars"),
    [("5", 5), ("0.5", 0.5), ("3,5", 3.5), ("4.2", 4.5), ("0", None), ("6", None), ("-1", None)],
)
def test_stars_are_halves_or_none(given, stars):
    text = f'Name,Year,Letterboxd URI,Rating\nThe Matrix,1999,x,"{given}"\n'
    assert read_export(text.encode()).movies[0].stars == stars


def test_odd_values_in_json_are_no_matter():
    odd = [{"movie": {"title": ["a"], "year": {}, "ids": 3}, "rating": [1]}, {"movie": {}}, 7]
    assert len(read_export(json.dumps(odd).encode()).movies) == 1
