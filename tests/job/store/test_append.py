"""Rows on their way into MySQL, as files or as INSERT: each value exactly, or an error."""

import math
import random
import struct
import tempfile
from contextlib import contextmanager

import pyarrow as pa
import pytest
from py4j.protocol import Py4JJavaError

from spark_jobs.contract import HALF_STAR_COLUMNS
from spark_jobs.errors import JobError
from spark_jobs.model.rows import DistributedRows
from spark_jobs.session import Spark
from spark_jobs.store.address import parse_address
from spark_jobs.store.credentials import Credentials
from spark_jobs.store.database import connect
from spark_jobs.store.mysql import database, insert, load_data
from tests.job.conftest import movie, rating
from tests.support.mariadb import PASSWORD, USER, mariadb, start
from tests.support.targets import MariaDBTargets, statuses

TEXTS = [
    "", " ", "NULL", "\\N", "N", "\\", "\\\\", "\\t", "\t", "a\tb", "\n", "a\nb\\", "\r\n", "\0",
    "'", '"', '""', "`", "%s", "?", ",", "é", "人", "🎬", "🎬\t\\\n'\"", "a\x1a\x08", "x" * 255,
]  # fmt: skip
BYTES = [
    b"", b"\\", b"\\N", b"\t", b"\n", b"\0", b"\xff\xfe", "🎬".encode()[:3], bytes(range(256)) * 3,
    bytes(reversed(range(256))), b"\\\t\n\\", random.Random(1).randbytes(100_000), None,
]  # fmt: skip
DOUBLES = [
    0.0, 0.1, 1 / 3, 2 / 3, 1e-7, 123456789.123456789, 5e-324, 2.2250738585072014e-308, 1e22, 1e23,
    1.7976931348623157e308, math.pi, math.nextafter(4, 0), math.nextafter(4, 5), -1e-300, None,
]  # fmt: skip


@pytest.fixture(scope="module")
def shared(mariadb_targets):
    return mariadb_targets.make()


@pytest.fixture
def opened(spark, shared):
    """The job's database, with no rows in the tables that are written here."""
    for table in ("app_stagedmovie", "app_recommendationdata", "app_userrecommendation"):
        shared.execute(f"DELETE FROM {table}")
    with connect(
        Spark.of(spark), parse_address(shared.address), Credentials(USER, PASSWORD)
    ) as database:
        yield database


@contextmanager
def local_infile(target, value):
    ((before,),) = target.rows("SELECT @@GLOBAL.local_infile")
    target.execute(f"SET GLOBAL local_infile = {value}")
    try:
        yield
    finally:
        target.execute(f"SET GLOBAL local_infile = {before}")


@pytest.fixture(params=["as files", "as INSERT"])
def way(request, shared, monkeypatch):
    """Both ways; the other one is not there."""
    is_file = request.param == "as files"
    owner, name = (insert, "insert") if is_file else (load_data.FileConnection, "load")
    monkeypatch.delattr(owner, name)
    with local_infile(shared, int(is_file)):
        yield request.param


def staged(*titles, tags=None, movie_ids=None):
    count = len(titles)
    ids = range(1, count + 1) if movie_ids is None else movie_ids
    columns = {
        "run_id": pa.array([1] * count, pa.int64()),
        "movie_id": pa.array(ids, pa.int32()),
        "title": pa.array(titles, pa.string()),
        "year": pa.array([None] * count, pa.int32()),
        "imdb_id": pa.array(["0078748"] * count),
        "tmdb_id": pa.array([""] * count),
        "tags": pa.array([tags] * count, pa.string()),
    }
    return pa.table(columns)


def ranked(doubles, months):
    count = len(doubles)
    numbers = pa.array(range(count), pa.int32())
    columns = {
        "run_id": pa.array([2**40] * count, pa.int64()),
        "movie_id": numbers,
        **dict.fromkeys((*HALF_STAR_COLUMNS, "rating_count"), numbers),
        **dict.fromkeys(("avg_rating", "weighted_rating"), pa.array([0.5] * count)),
        "rank": pa.array([None if n % 2 else -n for n in range(count)], pa.int32()),
        "last_rated_at": pa.array([None, "2017-07-14 02:40:00"] * count)[:count],
        "trend": pa.array(doubles, pa.float64()),
        "months": pa.array(months, pa.binary()),
    }
    return pa.table(columns)


def test_text_arrives_exactly(opened, shared, way):
    opened.append(staged(*TEXTS, tags='["a\\\\b", "é\\t🎬"]'), "app_stagedmovie")
    assert shared.rows("SELECT title FROM app_stagedmovie ORDER BY movie_id") == [
        (text,) for text in TEXTS
    ]
    assert shared.rows("SELECT DISTINCT year, imdb_id, tmdb_id, tags FROM app_stagedmovie") == [
        (None, "0078748", "", '["a\\\\b", "é\\t🎬"]')
    ]


def test_bytes_nulls_and_times_arrive_exactly(opened, shared, way):
    rows = ranked([None] * len(BYTES), BYTES)
    opened.append(rows, "app_recommendationdata")
    names = ", ".join(f"`{name}`" for name in rows.column_names)
    stored = shared.rows(f"SELECT {names} FROM app_recommendationdata ORDER BY movie_id")
    for sent, (*values, months) in zip(rows.to_pylist(), stored, strict=True):
        *others, packed = sent.values()
        assert [value if value is None else str(value) for value in values] == [
            value if value is None else str(value) for value in others
        ]
        assert months == packed


def test_doubles_arrive_to_the_last_bit(opened, shared, way):
    chance = random.Random(2)
    some = (struct.unpack("<d", chance.randbytes(8))[0] for _ in range(3_000))
    doubles = DOUBLES + [one for one in some if math.isfinite(one)]
    opened.append(ranked(doubles, [None] * len(doubles)), "app_recommendationdata")
    stored = shared.rows("SELECT trend FROM app_recommendationdata ORDER BY movie_id")
    assert [trend for (trend,) in stored] == doubles


def test_rows_of_the_executors_arrive_from_all_parts(spark, opened, shared, way, monkeypatch):
    monkeypatch.setattr(load_data, "FILE_BYTES", 100)
    tables = [
        pa.table({"run_id": [1] * 3, "user_id": [n, 2**40 + n, 2**50 + n], "packed": BYTES[2:5]})
        for n in range(7)
    ]
    parts = spark.sparkContext.parallelize(tables, 5)
    opened.append(DistributedRows(parts, 21), "app_userrecommendation")
    sent = sorted(row for table in tables for row in zip(*table.to_pydict().values(), strict=True))
    select = "SELECT run_id, user_id, packed FROM app_userrecommendation ORDER BY user_id"
    assert shared.rows(select) == sent


def test_no_row_is_no_error(opened, shared, way):
    opened.append(staged(), "app_stagedmovie")
    assert shared.rows("SELECT COUNT(*) FROM app_stagedmovie") == [(0,)]


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (staged("a", "b", movie_ids=[7, 7]), "1 of 2 .*Duplicate entry '1-7' for key '.*PRIMARY'"),
        (staged("a", "x" * 256), "2 of 2 .*Data truncated for column 'title'"),
        (staged("a", None), "'title'"),
        (staged("a", "b", movie_ids=[7, None]), "'movie_id'"),
        (staged("a", "b", tags="{"), "json_valid|tags"),
    ],
)
def test_what_does_not_fit_is_an_error(opened, shared, way, rows, why):
    with pytest.raises(JobError, match=why if way == "as files" else None):
        opened.append(rows, "app_stagedmovie")
    if way == "as files":  # of INSERT the partitions stay that were committed before
        assert shared.rows("SELECT COUNT(*) FROM app_stagedmovie") == [(0,)]


@pytest.mark.parametrize("double", [math.nan, math.inf])
def test_what_is_no_number_is_an_error(opened, way, double):
    with pytest.raises(JobError):
        opened.append(ranked([1.0, double], [None, None]), "app_recommendationdata")


def test_a_row_that_is_there_already_is_an_error(opened, shared, way):
    opened.append(staged("a"), "app_stagedmovie")
    with pytest.raises(JobError, match=r"Duplicate entry '1-1' for key '.*PRIMARY'"):
        opened.append(staged("b"), "app_stagedmovie")
    assert shared.rows("SELECT title FROM app_stagedmovie") == [("a",)]


def test_files_before_the_one_that_fails_stay_and_those_behind_are_not_sent(
    opened, shared, monkeypatch
):
    monkeypatch.setattr(load_data, "FILE_BYTES", 1)
    rows = staged(*"abcde", movie_ids=[1, 2, 2, 4, 5])
    with pytest.raises(JobError, match="app_stagedmovie: 0 of 1 rows arrived"):
        opened.append(rows, "app_stagedmovie")
    assert shared.rows("SELECT movie_id FROM app_stagedmovie") == [(1,), (2,)]


def test_the_connection_goes_on_after_a_file_that_failed_and_holds_no_row(opened, shared):
    with pytest.raises(JobError, match="Duplicate entry"):
        opened.append(staged("a", "b", movie_ids=[7, 7]), "app_stagedmovie")
    assert opened.execute("DELETE FROM app_stagedmovie WHERE run_id = 1") == 0
    used = opened.files
    opened.append(staged("c"), "app_stagedmovie")
    opened.append(ranked([1.0], [None]), "app_recommendationdata")
    assert opened.files is used
    assert shared.rows("SELECT title FROM app_stagedmovie") == [("c",)]


def test_a_server_that_takes_no_files_is_told_of_once_where_it_matters(
    opened, shared, capfd, monkeypatch
):
    monkeypatch.setattr(database, "SLOW_ROWS", 2)
    with local_infile(shared, 0):
        opened.append(staged("a", movie_ids=[1]), "app_stagedmovie")
        assert "warning" not in capfd.readouterr().err
        opened.append(staged("b", "c", movie_ids=[2, 3]), "app_stagedmovie")
        opened.append(staged("d", "e", movie_ids=[4, 5]), "app_stagedmovie")
    (line,) = (one for one in capfd.readouterr().err.splitlines() if "warning" in one)
    assert line.startswith("warning: LOAD DATA LOCAL: ")
    assert "SET GLOBAL local_infile = 1" in line
    titles = shared.rows("SELECT title FROM app_stagedmovie ORDER BY movie_id")
    assert titles == [(title,) for title in "abcde"]


def test_a_connection_that_sends_files_sends_no_others(opened, tmp_path):
    (tmp_path / "secret").write_text("secret")
    sql = f"LOAD DATA LOCAL INFILE '{tmp_path}/secret' INTO TABLE app_stagedmovie (title)"
    with (
        load_data.connected(opened.spark, opened.settings) as files,
        pytest.raises(Py4JJavaError, match="is not under the safe path"),
    ):
        files.connection.createStatement().executeUpdate(sql)
    with pytest.raises(JobError):
        opened.execute(sql)


def test_no_file_is_left_behind(opened, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(load_data, "FILE_BYTES", 1)
    opened.append(staged(*"abc"), "app_stagedmovie")
    with pytest.raises(JobError):
        opened.append(staged(*"abc"), "app_stagedmovie")
    (folder,) = tmp_path.iterdir()
    assert list(folder.iterdir()) == []
    opened.close()
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_dies_between_two_files_leaves_the_previous_run(
    run_job, write_input, monkeypatch
):
    movies = [movie(n, f"Movie {n} (2000)") for n in range(1, 8)]
    folder = write_input(movies, [rating(movie=n) for n in range(1, 8)])
    with mariadb() as server:
        target = MariaDBTargets(server).make()
        run_job(folder, target)
        send, sent = load_data.FileConnection._send, []

        def send_and_die(files, file, table):
            send(files, file, table)
            sent.append(table)
            if sent.count("app_recommendationdata") == 2:
                server.process.kill()
                server.process.wait()

        monkeypatch.setattr(load_data, "FILE_BYTES", 1)
        monkeypatch.setattr(load_data.FileConnection, "_send", send_and_die)
        outcome = run_job(folder, target)
        assert outcome.status == 1
        assert "Communications link failure" in outcome.err

        monkeypatch.setattr(load_data.FileConnection, "_send", send)
        _, server.process = start(server.folder, server.port)
        assert statuses(target) == ["current", "loading"]
        arrived = "SELECT run_id, COUNT(*) FROM app_recommendationdata GROUP BY run_id"
        assert target.rows(arrived) == [(1, 7), (2, 2)]
        assert run_job(folder, target).status == 0
        assert statuses(target) == ["superseded", "failed", "current"]
        assert target.rows(arrived) == [(1, 7), (3, 7)]
