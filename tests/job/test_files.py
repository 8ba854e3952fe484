"""Which files an input holds; a wrong one is refused before anything runs."""

import pytest

from spark_jobs.errors import JobError
from spark_jobs.files import find_input
from tests.job.conftest import MOVIES_HEADER, RATINGS_HEADER, movie, rating

CSV = f"{RATINGS_HEADER}\n{rating()}\n"


@pytest.fixture
def folder(write_input):
    """A complete input without its ratings."""
    folder = write_input()
    (folder / "ratings.csv").unlink()
    return folder


def add(folder, *names, text=CSV):
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


def names(folder, **patterns):
    return [file.name for file in find_input(str(folder), **patterns).ratings]


@pytest.mark.parametrize(
    "parts",
    [
        ["ratings.csv"],
        ["ratings-1.csv", "ratings-2.csv"],
        ["ratings_2018.csv", "ratings_2019.csv"],
        ["ratings/part-0000.csv", "ratings/part-0001.csv"],
        ["ratings.csv/part-0000.csv"],
    ],
)
def test_one_file_or_many_are_found_by_their_names(folder, parts):
    add(folder, *parts)
    add(folder, "ratings-note.txt", "links.csv", "tags.csv", text="no ratings")
    assert names(folder) == parts


def test_marks_of_other_tools_are_no_parts(folder):
    add(folder, "ratings/part-0000.csv")
    add(folder, "ratings/_SUCCESS", "ratings/.part-0000.csv.crc", text="")
    assert names(folder) == ["ratings/part-0000.csv"]


def test_the_whole_file_is_preferred_to_parts(folder):
    add(folder, "ratings.csv", "ratings-old.csv")
    assert names(folder) == ["ratings.csv"]


def test_two_whole_files_are_not_guessed_between(folder):
    add(folder, "ratings.csv")
    add(folder, "ratings.dat", text="1::1::4::5\n")
    with pytest.raises(
        JobError, match=r"holds ratings\.csv and ratings\.dat: say which with --rat"
    ):
        find_input(str(folder))
    assert names(folder, ratings="ratings.dat") == ["ratings.dat"]


def test_a_pattern_picks_the_files(folder):
    add(folder, "a-1.csv", "a-2.csv", "b.csv", "ratings/x.csv")
    assert names(folder, ratings="a-*.csv") == ["a-1.csv", "a-2.csv"]
    assert names(folder, ratings="ratings/*") == ["ratings/x.csv"]
    with pytest.raises(JobError, match=r"no file c-\*\.csv"):
        find_input(str(folder), ratings="c-*.csv")


@pytest.mark.parametrize(
    ("text", "shape"), [(CSV, "csv"), ("1::1::4::5\n", "dat"), ("1\t1\t4\t5\n", "tabs")]
)
def test_the_shape_is_told_by_the_content_not_by_the_name(folder, text, shape):
    add(folder, "some.txt", text=text)
    (file,) = find_input(str(folder), ratings="some.txt").ratings
    assert file.shape.name == shape


def test_the_fingerprint_changes_with_a_file(folder):
    add(folder, "ratings-1.csv")
    before = find_input(str(folder)).fingerprint
    assert find_input(str(folder)).fingerprint == before
    add(folder, "ratings-2.csv")
    after = find_input(str(folder)).fingerprint
    add(folder, "ratings-2.csv", text=CSV * 2)
    assert len({before, after, find_input(str(folder)).fingerprint}) == 3


def test_a_missing_file_is_named(folder):
    with pytest.raises(JobError, match=r"ratings\.csv does not exist: --input must name a folder"):
        find_input(str(folder))


def test_a_file_is_not_taken_for_a_folder(write_input):
    with pytest.raises(JobError, match=r"ratings\.csv is a file: --input must name the folder"):
        find_input(str(write_input() / "ratings.csv"))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "is empty"),
        ("1,1,4.0,5\n", "its first line must be userId,movieId"),
        (f"{MOVIES_HEADER}\n{movie()}\n", "user, rating is missing; name the column that holds it"),
    ],
)
def test_an_empty_file_and_a_wrong_header_are_refused(folder, content, complaint):
    add(folder, "ratings.csv", text=content)
    with pytest.raises(JobError, match=complaint):
        find_input(str(folder))


def test_an_unknown_file_system_is_one_clear_error():
    with pytest.raises(JobError, match="cannot read gopher://nowhere"):
        find_input("gopher://nowhere")
