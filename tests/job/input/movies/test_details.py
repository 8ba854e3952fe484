"""links.csv and tags.csv: what they say of the movies, and which of their rows do not count."""

import gzip
import random

import pytest

from spark_jobs.input.files import splits
from spark_jobs.input.files.find import find_input
from spark_jobs.input.movies import detail_rows, tags
from spark_jobs.input.movies.catalogue import read_catalogue
from spark_jobs.input.movies.details import read_details, rejected_details
from tests.job.conftest import movie
from tests.job.input.movies.rejected_details import REJECTED_LINKS, REJECTED_TAGS

LINKS = "movieId,imdbId,tmdbId"
TAGS = "userId,movieId,tag,timestamp"


@pytest.fixture
def read(write_input):
    """read(files) -> (details, {raw: reason}), of the movies 1 and 2."""

    def of(files):
        folder = write_input([movie(1), movie(2, "Brazil (1985)")])
        for name, content in files.items():
            text = content if isinstance(content, bytes) else "\n".join([*content, ""]).encode()
            (folder / name).write_bytes(text)
        source = find_input(str(folder))
        catalogue = read_catalogue(source.movies).movies
        rejected = [row for rows in rejected_details(source, catalogue).values() for row in rows]
        return read_details(source, catalogue), {raw: reason for _, reason, raw in rejected}

    return of


def test_links_are_padded_as_imdb_writes_them(read):
    found, _ = read({"links.csv": [LINKS, "1,114709,862.0", "2,tt10872600,"]})
    assert found.links == {1: (1, "0114709", "862"), 2: (2, "10872600", "")}


def test_the_tags_of_most_users_come_first_then_the_alphabet_decides(read):
    rows = ["1,1, Highly  Quotable ,5", "2,1,HIGHLY QUOTABLE,5", "3,1,zombies,5", "3,1,Zombies,6",
            "4,1,Été,5", '5,1,"a, b",5', "1,2,straße,5", "2,2,STRASSE,5"]  # fmt: skip
    found, rejected = read({"tags.csv": [TAGS, *rows]})
    assert found.tags == {1: ["highly quotable", "a, b", "zombies", "été"], 2: ["strasse"]}
    assert rejected == {}


def test_a_movie_keeps_its_eight_strongest_tags(read):
    rows = [f"{user},1,tag {number},5" for number in range(10) for user in range(1, number + 2)]
    found, _ = read({"tags.csv": [TAGS, *rows]})
    assert found.tags[1] == [f"tag {number}" for number in range(9, 1, -1)]
    assert found.rows["tags"].accepted == len(rows)


def test_a_row_that_cannot_count_is_rejected_with_its_reason(read):
    files = {
        "links.csv": [LINKS, *REJECTED_LINKS, "2,0088846,68"],
        "tags.csv": [TAGS, *REJECTED_TAGS, "1,1,funny,5"],
    }
    found, rejected = read(files)
    shown = {
        raw.replace("\x07", "\\x07"): why for raw, why in (REJECTED_LINKS | REJECTED_TAGS).items()
    }
    assert rejected == shown
    assert (found.rows["links"].read, found.rows["tags"].read) == (8, 9)
    assert (found.links.keys(), found.tags) == ({2}, {1: ["funny"]})


def test_of_several_links_of_a_movie_the_order_of_rows_does_not_choose(read):
    rows = ["1,0114710,1", "1,0114709,862"]
    for order in (rows, rows[::-1]):
        found, rejected = read({"links.csv": [LINKS, *order]})
        assert found.links[1].imdb_id == "0114709"
        assert rejected == {"1,0114710,1": "duplicate_link"}


def test_rows_of_all_kinds_come_to_the_same_by_columns_and_one_by_one(read, monkeypatch):
    generator = random.Random(5)
    words = [
        "",
        "fun",
        "Fun ",
        "a  b",
        "Été",
        '"q ""x"""',
        '"two\nlines"',
        "w" * 65,
        "a\tb",
        "x" * 32,
    ]
    ids = ["1", "2", "3", "01", "0", "-1", "1.0", "", " 2", "99999999999999999999"]
    rows = [
        f"{generator.choice(ids)},{generator.choice(ids)},{generator.choice(words)},5"
        for _ in range(4_000)
    ]
    monkeypatch.setattr(splits, "BLOCK_BYTES", 2_000)
    by_columns = read({"tags.csv": [TAGS, *rows]})
    monkeypatch.setattr(tags, "_columns", lambda *_: None)
    assert read({"tags.csv": [TAGS, *rows]}) == by_columns
    assert by_columns[0].tags.keys() == {1, 2}


def test_plain_rows_are_not_parsed_one_by_one(read, monkeypatch):
    monkeypatch.setattr(detail_rows, "_value", lambda *_: pytest.fail("was looked at"))
    found, _ = read({"tags.csv": [TAGS, "1,1,Film-Noir,5", "2,2,In Netflix queue,5"]})
    assert found.tags == {1: ["film-noir"], 2: ["in netflix queue"]}


def test_the_files_may_be_gzipped_or_of_ml_10m(read):
    links = gzip.compress(f"{LINKS}\n1,0114709,862\n".encode())
    tag_rows = "15::1::excellent!::1215184630\n20::1::caf\xe9::1188263867\n".encode("latin-1")
    found, _ = read({"links.csv.gz": links, "tags.dat": tag_rows})
    assert found.links[1].tmdb_id == "862"
    assert found.tags == {1: ["café", "excellent!"]}


@pytest.mark.parametrize(
    ("files", "because"),
    [
        ({"links.csv": ["id,url", "1,x"]}, "its first line must name the columns movieId,imdbId"),
        ({"tags.csv": []}, "its first line must name the columns userId,movieId,tag"),
        ({"tags.csv": [TAGS], "tags.csv.gz": gzip.compress(TAGS.encode())}, "tags.csv is"),
    ],
)  # fmt: skip
def test_a_file_of_another_shape_is_left_alone_and_the_operator_told(
    read, write_input, files, because
):
    found, _ = read(files)
    (reason,) = find_input(str(write_input([movie()]))).unread
    assert because in reason
    assert found.links == found.tags == {}


def test_an_input_without_them_has_movies_without_ids_and_tags(read):
    found, rejected = read({})
    assert (found.rows, rejected) == ({}, {})
