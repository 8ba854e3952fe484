"""What the files hold arrives as it stands, and a wrong file is refused before anything runs."""

import pytest

from spark_jobs.errors import JobError
from spark_jobs.files import find_input
from spark_jobs.read import read_movies, read_ratings
from tests.job.conftest import movie, rating


def test_quotes_and_commas_belong_to_the_title(spark, write_input):
    title = '"""11\'09""01 - September 11 (2002)"'
    folder = write_input(movies=[movie(title=title), movie(2, '"American President, The (1995)"')])
    rows = read_movies(spark, find_input(spark, str(folder)).movies).collect()
    assert [(row.title, row.genres, row.malformed) for row in rows] == [
        ('"11\'09"01 - September 11 (2002)', "Horror", False),
        ("American President, The (1995)", "Horror", False),
    ]


@pytest.mark.parametrize("title", ["+1 (2013)", "A | B (1999)", "A :: B (1999)", "Amélie (2001)"])
def test_signs_that_separate_elsewhere_do_no_harm(spark, write_input, title):
    folder = write_input(movies=[movie(title=title)])
    (row,) = read_movies(spark, find_input(spark, str(folder)).movies).collect()
    assert row.title == title


def test_windows_line_ends_leave_no_trace(spark, write_input):
    folder = write_input(end="\r\n")
    found = find_input(spark, str(folder))
    assert read_movies(spark, found.movies).collect()[0].genres == "Horror"
    assert read_ratings(spark, found.ratings).collect()[0].timestamp == "1000000"


def test_a_byte_order_mark_does_not_hide_the_header(spark, write_input):
    folder = write_input()
    for file in folder.iterdir():
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    found = find_input(spark, str(folder))
    assert [row.movieId for row in read_movies(spark, found.movies).collect()] == ["1"]


def test_a_row_with_too_few_or_too_many_fields_is_kept_with_its_text(spark, write_input):
    folder = write_input(ratings=["1,1,4.0", "1,1,4.0,5,6", rating()])
    rows = read_ratings(spark, find_input(spark, str(folder)).ratings).collect()
    assert [(row.malformed, row.raw) for row in rows] == [
        (True, "1,1,4.0"),
        (True, "1,1,4.0,5,6"),
        (False, "1,1,4.0,1000000"),
    ]


def test_the_fingerprint_changes_with_a_file(spark, write_input):
    folder = write_input()
    before = find_input(spark, str(folder)).fingerprint
    assert find_input(spark, str(folder)).fingerprint == before
    write_input(ratings=[rating(stars=1.0)] * 3)
    assert find_input(spark, str(folder)).fingerprint != before


def test_a_missing_file_is_named(spark, write_input):
    folder = write_input()
    (folder / "ratings.csv").unlink()
    with pytest.raises(JobError, match=r"ratings\.csv does not exist"):
        find_input(spark, str(folder))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "is empty"),
        ("movieId,userId,rating,timestamp\n1,1,4.0,5\n", "its first line must be userId,movieId"),
        ("1,1,4.0,5\n", "its first line must be userId,movieId"),
    ],
)
def test_an_empty_file_and_a_wrong_header_are_refused(spark, write_input, content, complaint):
    folder = write_input()
    (folder / "ratings.csv").write_text(content)
    with pytest.raises(JobError, match=complaint):
        find_input(spark, str(folder))


def test_an_unknown_file_system_is_one_clear_error(spark):
    with pytest.raises(JobError, match="cannot read gopher://nowhere"):
        find_input(spark, "gopher://nowhere")
