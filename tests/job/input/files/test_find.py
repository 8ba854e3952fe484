"""Which files an input holds; a wrong one is refused before anything runs."""

import gzip
import io
import socket

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spark_jobs.errors import JobError
from spark_jobs.input.files import file_systems
from spark_jobs.input.files.find import find_input
from spark_jobs.input.formats.input_options import InputOptions
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


def found(folder, **patterns):
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
    assert found(folder) == parts


def test_marks_of_other_tools_are_no_parts(folder):
    add(folder, "ratings/part-0000.csv")
    add(folder, "ratings/_SUCCESS", "ratings/.part-0000.csv.crc", text="")
    assert found(folder) == ["ratings/part-0000.csv"]


def test_the_whole_file_is_preferred_to_parts(folder):
    add(folder, "ratings.csv", "ratings-old.csv")
    assert found(folder) == ["ratings.csv"]


def test_two_whole_files_are_not_guessed_between(folder):
    add(folder, "ratings.csv")
    add(folder, "ratings.dat", text="1::1::4::5\n")
    with pytest.raises(JobError, match=r"has ratings\.csv and ratings\.dat: choose with --rat"):
        find_input(str(folder))
    assert found(folder, ratings="ratings.dat") == ["ratings.dat"]


def test_a_pattern_picks_the_files(folder):
    add(folder, "a-1.csv", "a-2.csv", "b.csv", "ratings/x.csv")
    assert found(folder, ratings="a-*.csv") == ["a-1.csv", "a-2.csv"]
    assert found(folder, ratings="ratings/*") == ["ratings/x.csv"]
    with pytest.raises(JobError, match=r"no file c-\*\.csv"):
        find_input(str(folder), ratings="c-*.csv")


@pytest.mark.parametrize(
    ("text", "file_format"), [(CSV, "csv"), ("1::1::4::5\n", "dat"), ("1\t1\t4\t5\n", "tabs")]
)
def test_the_shape_is_told_by_the_content_not_by_the_name(folder, text, file_format):
    add(folder, "some.txt", text=text)
    (file,) = find_input(str(folder), ratings="some.txt").ratings
    assert file.format.name == file_format


def test_the_fingerprint_changes_with_a_file(folder):
    add(folder, "ratings-1.csv")
    before = find_input(str(folder)).fingerprint
    assert find_input(str(folder)).fingerprint == before
    add(folder, "ratings-2.csv")
    after = find_input(str(folder)).fingerprint
    add(folder, "ratings-2.csv", text=CSV * 2)
    assert len({before, after, find_input(str(folder)).fingerprint}) == 3


def test_a_missing_file_is_named(folder):
    with pytest.raises(JobError, match=r"ratings\.csv does not exist: give the folder that has it"):
        find_input(str(folder))


def test_a_file_is_not_taken_for_a_folder(write_input):
    with pytest.raises(JobError, match=r"ratings\.csv is a file: --input must name the folder"):
        find_input(str(write_input() / "ratings.csv"))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "is empty"),
        ("1,1,4.0,5\n", "its first line must be userId,movieId"),
        (f"{MOVIES_HEADER}\n{movie()}\n", "user, rating is missing; name the column with --"),
    ],
)
def test_an_empty_file_and_a_wrong_header_are_refused(folder, content, complaint):
    add(folder, "ratings.csv", text=content)
    with pytest.raises(JobError, match=complaint):
        find_input(str(folder))


def test_an_unknown_file_system_is_one_clear_error():
    with pytest.raises(JobError, match="cannot read gopher://nowhere"):
        find_input("gopher://nowhere")


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("gs://bucket/ml", "gs is not supported; give a folder, file:///"),
        ("http://host/ml", "http is not supported"),
        ("wasb://c@account/ml", "wasb is not supported"),
        ("dbfs:/ml", "dbfs is not supported"),
        ("s3:/bucket/ml", "it must have the form s3://bucket/ml"),
        ("s3://", "it must have the form s3://BUCKET/FOLDER"),
        ("file:ml", "it must have the form file:///ml"),
        ("C:\\data", "a Windows path"),
        ("hdfs://nowhere:9000/ml", "hdfs:// works on a cluster's own nodes"),
    ],
)
def test_an_address_that_nobody_can_read_is_refused_at_once(address, complaint):
    with pytest.raises(JobError) as refused:
        find_input(address)
    assert str(refused.value).startswith(f"cannot read {address}: ")
    assert complaint in str(refused.value)


@pytest.mark.parametrize("name", ["a b", "a:b", "100%", "a#b?c", "数据"])
def test_a_folder_of_any_name_is_found_as_path_and_as_file_address(write_input, name):
    folder = write_input().rename(write_input().parent / name)
    assert find_input(str(folder)).movies
    assert find_input(folder.as_uri()).movies


def test_a_server_that_never_answers_is_given_up_and_the_bound_is_told(monkeypatch):
    monkeypatch.setattr(file_systems, "SECONDS_TO_ANSWER", 1)
    monkeypatch.setattr(file_systems, "ATTEMPTS", 1)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    file_systems.file_system.cache_clear()
    file_systems._s3.cache_clear()
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(JobError, match=r"gave up after 1 attempts .* 1 s without a byte"):
            find_input("s3://bucket/ml")
    file_systems.file_system.cache_clear()
    file_systems._s3.cache_clear()


def as_parquet() -> bytes:
    out = io.BytesIO()
    names = RATINGS_HEADER.split(",")
    pq.write_table(pa.table({name: [1] for name in names}), out)
    return out.getvalue()


OF_ONE = "the ratings of one person"
NO_TABLES = {
    "Rar!\x1a": "a RAR archive: unpack it",
    "7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    "PK\x03\x04ratings.csv": "a zip archive: unpack it",
    "PK\x03\x04[Content_Types].xml_rels": "an Excel workbook (.xlsx): save it as CSV",
    "BZh9": "compressed with bzip2: only gzip",
    "SQLite format 3\x00": "an SQLite database",
    "\xff\xfeu\x00s\x00": "text in UTF-16: write it as UTF-8, e.g. with iconv",
    "u\x00s\x00e\x00r\x00I\x00d\x00": "text in UTF-16",
    "<!DOCTYPE html><html>": "a web page (HTML)",
    "<?xml version='1.0'?><myanimelist>": "XML",
    '[{"rated_at":"2020-01-01","rating":8}]': f"Trakt's export, {OF_ONE}",
    '{"user": 1}\n': "JSON",
    "sep=;\nuserId;movieId\n": "CSV with a first line for Excel only: delete it",
    "userId,movieId\r1,1\r": "text whose lines end with CR only",
    "Date,Name,Year,Letterboxd URI,Rating\n": f"Letterboxd's export, {OF_ONE}",
    "Const,Your Rating,Date Rated,Title\n": f"IMDb's export, {OF_ONE}",
    "movie_id,imdb_id,tmdb_id,rating,average_rating,title\n": f"movielens.org's export, {OF_ONE}",
    "Book Id,Title,ISBN,My Rating\n": f"Goodreads' export, {OF_ONE}",
    "adult,belongs_to_collection,budget,id,title\n": "Kaggle's movies_metadata.csv, with TMDB's",
    "1:\n1488844,3,2005-09-06\n": "the Netflix Prize's form",
    "1,2003,Dinosaur Planet\n": "the Netflix Prize's list of titles",
    "tconst\taverageRating\tnumVotes\n": "IMDb's table of mean ratings",
}


@pytest.mark.parametrize("content", NO_TABLES)
def test_what_is_no_table_of_ratings_is_called_by_its_name(folder, content):
    (folder / "ratings.csv").write_bytes(content.encode("latin-1"))
    with pytest.raises(JobError) as refused:
        find_input(str(folder))
    assert f"ratings.csv is {NO_TABLES[content]}" in str(refused.value)


def test_text_in_chinese_or_russian_encodings_is_told_from_western_text(folder):
    movies = folder / "movies.csv"
    add(folder, "ratings.csv")
    for title, encoding, told in [
        ("霸王别姬 (1993)", "gbk", "iconv -f GBK -t UTF-8"),
        ("Ирония судьбы (1976)", "cp1251", "iconv -f ENCODING -t UTF-8"),
    ]:
        movies.write_bytes(f"{MOVIES_HEADER}\n{movie(1, title)}\n".encode(encoding))
        with pytest.raises(JobError, match=told):
            find_input(str(folder))
    movies.write_bytes("id;title\n1;Amélie à Été\n".encode("latin-1"))
    assert find_input(str(folder)).movies


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("ratings.csv.gz", gzip.compress(CSV.encode())[:-9], "the gzip file is corrupt or cut"),
        ("ratings.csv.gz", b"\x1f\x8b\x08\x00 no gzip", "the gzip file is corrupt or cut"),
        ("ratings.parquet", as_parquet()[:-9], "the Parquet file is corrupt or cut short"),
        ("ratings.parquet", b"PAR1 no Parquet", "the Parquet file is corrupt or cut short"),
    ],
    ids=["gzip cut", "no gzip", "Parquet cut", "no Parquet"],
)
def test_a_corrupt_file_has_a_cause_and_a_remedy_of_its_own(folder, name, content, complaint):
    (folder / name).write_bytes(content)
    with pytest.raises(JobError, match=rf"cannot read .*{name}: .*{complaint}"):
        find_input(str(folder))


@pytest.mark.parametrize(
    ("names", "patterns", "complaint"),
    [
        ([], {}, "has movies.csv"),
        (["rating.csv"], {}, "rating.csv looks like it: --ratings 'rating.csv'"),
        (["ml.zip"], {}, "has ml.zip, movies.csv; ml.zip must be unpacked first"),
        (["ratings/1.csv"], {"ratings": "ratings"}, "ratings is a folder: .* --ratings 'ratings/"),
        (["r.csv"], {"ratings": "/data/r.csv"}, "the names are relative to --input; r.csv looks"),
    ],
)
def test_what_lies_there_instead_is_told(folder, names, patterns, complaint):
    add(folder, *(name for name in names if not name.endswith(".zip")))
    add(folder, *(name for name in names if name.endswith(".zip")), text="PK\x03\x04")
    with pytest.raises(JobError, match=complaint):
        find_input(str(folder), **patterns)


def test_a_folder_without_files_and_one_that_is_missing_are_told_apart(tmp_path):
    with pytest.raises(JobError, match=rf"\({tmp_path} has no files\)"):
        find_input(str(tmp_path))
    with pytest.raises(JobError, match=rf"\({tmp_path}/none does not exist\)"):
        find_input(f"{tmp_path}/none")


def test_an_archive_in_place_of_the_folder_is_called_by_its_name(tmp_path):
    (tmp_path / "ml.zip").write_bytes(b"PK\x03\x04")
    with pytest.raises(JobError, match=r"ml\.zip is a zip archive: unpack it"):
        find_input(str(tmp_path / "ml.zip"))


def test_a_column_that_is_missing_is_named_with_the_option(folder):
    add(folder, "ratings.csv", text="who,movie_id,rating\n1,1,4\n")
    with pytest.raises(JobError, match=r"columns who, movie_id, rating: user is missing; .*"
                       r"--columns user=NAME"):  # fmt: skip
        find_input(str(folder))
    with pytest.raises(JobError, match=r"none is named whom, see --columns"):
        find_input(str(folder), options=InputOptions(columns={"ratings": {"user": "whom"}}))
