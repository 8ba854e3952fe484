"""The catalogue: which rows count, which do not and why."""

import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spark_jobs.input import rejection
from spark_jobs.input.files.find import find_input
from spark_jobs.input.movies.catalogue import read_movies
from tests.job.conftest import movie
from tests.job.input.movies.rejected_details import REJECTED_LINKS, REJECTED_TAGS
from tests.job.input.ratings.rejected import REJECTED as REJECTED_RATINGS

REJECTED = {
    "5,Alien (1979)": "malformed",
    "5,Alien, The (1979),Horror": "malformed",
    '5,"Alien (1979),Horror': "malformed",
    "x,Alien (1979),Horror": "bad_id",
    "0,Alien (1979),Horror": "bad_id",
    "５,Alien (1979),Horror": "bad_id",
    "5,,Horror": "missing_title",
    "5, ,Horror": "missing_title",
    f"5,{'long' * 64} (1979),Horror": "title_too_long",
    f"5,Alien (1979),{'g' * 65}": "genre_too_long",
}


@pytest.fixture
def catalogue(write_input):
    """catalogue(rows) -> ({id: (title, year, genres)}, {raw: reason})."""

    def of(rows):
        return told(read_movies(find_input(str(write_input(rows))).movies))

    return of


def told(read):
    table, rejected = read
    movies = {
        row["movie_id"]: (row["title"], row["year"], row["genres"]) for row in table.to_pylist()
    }
    return movies, {raw: reason for _, reason, raw in rejected}


def test_every_rejected_movie_has_its_reason_and_its_text(catalogue):
    movies, rejected = catalogue([*REJECTED, movie()])
    assert movies.keys() == {1}
    assert rejected == REJECTED


def test_every_reason_is_documented_and_tested():
    tested = {
        *REJECTED_RATINGS.values(),
        *REJECTED.values(),
        *REJECTED_LINKS.values(),
        *REJECTED_TAGS.values(),
        "bad_text",
        "duplicate_movie",
        "id_collision",
        "duplicate_link",
    }
    assert tested == set(rejection.REASONS)


def test_bytes_that_are_no_text_are_rejected_not_guessed_at(write_input):
    folder = write_input()
    with (folder / "movies.csv").open("ab") as file:
        file.write(b"2,Am\xe9lie (2001),Drama\n3,NUL\x00 (2001),Drama\n")
    movies, rejected = told(read_movies(find_input(str(folder)).movies))
    assert movies.keys() == {1}
    assert rejected == {
        "2,Am\\xe9lie (2001),Drama": "bad_text",
        "3,NUL\\x00 (2001),Drama": "bad_text",
    }


@pytest.mark.parametrize("title", ["+1 (2013)", "A | B (1999)", "A :: B (1999)", "Amélie (2001)"])
def test_signs_that_separate_elsewhere_do_no_harm(catalogue, title):
    assert catalogue([movie(title=title)])[0][1][0] == title[:-7]


def test_quotes_and_commas_belong_to_the_title(catalogue):
    title = '"""11\'09""01 - September 11 (2002)"'
    movies, rejected = catalogue([movie(title=title), movie(2, '"American President, The (1995)"')])
    assert [title for title, _, _ in movies.values()] == [
        '"11\'09"01 - September 11',
        "American President, The",
    ]
    assert not rejected


def test_of_a_repeated_movie_id_the_first_title_counts_wherever_it_stands(catalogue):
    rows = [movie(1, "Beta (1990)"), movie(1, "Alpha (1991)"), movie(1, "Gamma (1989)")]
    for order in (rows, rows[::-1]):
        movies, rejected = catalogue(order)
        assert [title for title, _, _ in movies.values()] == ["Alpha"]
        assert rejected == {rows[0]: "duplicate_movie", rows[2]: "duplicate_movie"}


def test_two_movies_may_share_a_title(catalogue):
    assert len(catalogue([movie(1, "Emma (1996)"), movie(2, "Emma (1996)")])[0]) == 2


def test_missing_genres_are_none_and_repeated_ones_one(catalogue):
    movies, _ = catalogue(
        [movie(1, genres="(no genres listed)"), movie(2, genres=""), movie(3, genres="War|War| ")]
    )
    assert [genres for _, _, genres in movies.values()] == [[], [], ["War"]]


def written(folder, name, content: bytes):
    (folder / name).write_bytes(content)
    (folder / "movies.csv").unlink(missing_ok=True)
    return told(read_movies(find_input(str(folder)).movies))


def test_the_one_million_set_is_latin_1(write_input):
    content = "1::Misérables, Les (1995)::Drama|Musical\n2::A: B (1996)::\n".encode("latin-1")
    assert written(write_input(), "movies.dat", content) == (
        {1: ("Misérables, Les", 1995, ["Drama", "Musical"]), 2: ("A: B", 1996, [])},
        {},
    )


def test_the_hundred_thousand_set_flags_its_genres(write_input):
    flags = ["0"] * 19
    flags[8] = flags[17] = "1"
    row = "|".join(["2", "Señor (1995)", "01-Jan-1995", "", "http://x", *flags])
    unknown = "|".join(["267", "unknown", "", "", "", "1", *["0"] * 18])
    short = "|".join(["3", "Short (1995)", "01-Jan-1995", "", "http://x", "1"])
    content = f"{row}\n{unknown}\n{short}\n".encode("latin-1")
    assert written(write_input(), "u.item", content) == (
        {2: ("Señor", 1995, ["Drama", "War"]), 267: ("unknown", None, [])},
        {short: "malformed"},
    )


def test_gzip_is_read_as_what_it_holds(write_input):
    plain = f"movieId,title,genres\r\n{movie()}\r\n".encode()
    movies, _ = written(write_input(), "movies.csv.gz", gzip.compress(plain))
    assert movies == {1: ("Alien", 1979, ["Horror"])}


@pytest.mark.parametrize("genres", [["War|Drama"], [["War", "Drama"]]])
def test_parquet_holds_genres_as_text_or_as_lists(write_input, genres):
    folder = write_input()
    table = pa.table({"movieId": [7], "title": ['"Quo, vadis?" (1951)'], "genres": genres})
    pq.write_table(table, folder / "movies.parquet")
    (folder / "movies.csv").unlink()
    assert told(read_movies(find_input(str(folder)).movies)) == (
        {7: ('"Quo, vadis?"', 1951, ["War", "Drama"])},
        {},
    )
