"""Whatever is wrong: one clear line, a status that is not 0, and the previous run still served."""

import pytest

from tests.job.conftest import rating
from tests.support.mariadb import free_port
from tests.support.targets import MariaDBTarget, SQLiteTarget

CURRENT = "SELECT id FROM app_run WHERE status = 'current'"


@pytest.fixture(scope="module")
def shared_target(sqlite_targets):
    return sqlite_targets.make()


@pytest.fixture
def published(run_job, write_input, shared_target):
    """A target whose run 1 is current; no failure changes that, so the tests share it."""
    if not shared_target.rows(CURRENT):
        assert run_job(write_input(), shared_target).status == 0
    return shared_target


def complaint(outcome):
    """The one line that the job left on stderr."""
    assert outcome.status == 1
    assert outcome.summary == {}
    (line,) = [line for line in outcome.err.splitlines() if line.startswith("error: ")]
    assert "Traceback" not in outcome.err
    return line


def test_a_missing_file(run_job, write_input, published):
    folder = write_input()
    (folder / "movies.csv").unlink()
    assert "movies.csv does not exist" in complaint(run_job(folder, published))
    assert published.rows(CURRENT) == [(1,)]


def test_a_missing_folder(run_job, published):
    assert "/nowhere/movies.csv does not exist" in complaint(run_job("/nowhere", published))
    assert published.rows(CURRENT) == [(1,)]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "is empty"),
        ("movieId,stars,timestamp", "user is missing; name the column with --"),
        ("1,1,4.0,1", "its first line must be userId"),
    ],
)
def test_a_file_without_the_right_header(run_job, write_input, published, header, expected):
    folder = write_input()
    (folder / "ratings.csv").write_text(f"{header}\n{rating()}\n" if header else "")
    assert expected in complaint(run_job(folder, published))
    assert published.rows(CURRENT) == [(1,)]


def test_a_file_with_nothing_but_a_header(run_job, write_input, published):
    line = complaint(run_job(write_input(ratings=[]), published))
    assert "none of the 0 ratings was accepted (it has no rows)" in line
    line = complaint(run_job(write_input(movies=[]), published))
    assert "none of the 0 movies was accepted" in line
    assert published.rows(CURRENT) == [(1,)]


def test_nothing_but_rejected_rows(run_job, write_input, published):
    line = complaint(run_job(write_input(ratings=[rating(stars=7)]), published))
    assert "none of the 1 ratings was accepted (1 rating_out_of_range)" in line
    assert published.rows(CURRENT) == [(1,)]


HEADER = "userId,movieId,rating,timestamp"
REMEDIES = {
    "a decimal comma": (f"{HEADER}\n1,1,4,5,5\n".replace(",", ";").replace("4;5", "4,5"), "",
        "'1;1;4,5;5' in ratings.csv; expected rows of userId;movieId;rating;timestamp, such as "
        "1;318;4.5;1260759144; write ratings with a decimal point: 4.5, not 4,5"),
    "another scale": (f"{HEADER}\n1,1,8,5\n", "", "'1,1,8,5' in ratings.csv; expected rows of "
        f"{HEADER}, such as 1,318,4.5,1260759144; if ratings go up to 10, use --scale 1-10"),
    "zeros": (f"{HEADER}\n1,1,0,5\n", "", "if 0 means 'not rated', --zero missing leaves it out"),
    "other steps": (f"{HEADER}\n1,1,3.7,5\n", "", "--scale 0.5-5 (or another scale)"),
    "another time format": (f"{HEADER}\n1,1,4,31/12/2019\n", "",
        "'31/12/2019' is not a known time; use seconds, milliseconds or microseconds since "
        "1970, or dates like 2009-12-14"),
    "text ids": (f"{HEADER}\nanna,1,4,5\n", "",
        "if ids are text, --ids text assigns numbers to them"),
    "other movies": (f"{HEADER}\n1,77,4,5\n", "", "are both from the same data set?"),
    "no numbers": ("user,movie,rating\n1,1,good\n", "",
        "'good' is not a number: name another column"),
    "a scale that is too small": (f"{HEADER}\n1,1,8,5\n2,1,5,5\n", "--scale 1-5",
        "--scale 1-5 does not fit, 1 of 2 ratings are outside it, such as '1,1,8,5' in"),
    "a scale that is too large": (f"{HEADER}\n1,1,4,5\n2,1,5,5\n", "--scale 1-10",
        "--scale 1-10 does not fit, none of the 2 ratings is above the middle of the scale"),
}  # fmt: skip


@pytest.mark.parametrize("case", REMEDIES)
def test_rejected_rows_are_shown_with_what_is_expected_and_what_helps(
    run_job, write_input, published, case
):
    text, arguments, expected = REMEDIES[case]
    folder = write_input()
    (folder / "ratings.csv").write_text(text)
    assert expected in complaint(run_job(folder, published, *arguments.split()))
    assert published.rows(CURRENT) == [(1,)]


def test_a_floor_that_no_movie_reaches(run_job, write_input, published):
    line = complaint(run_job(write_input(), published, "--min-ratings", "3"))
    assert "lower --min-ratings" in line
    assert published.rows(CURRENT) == [(1,)]


def test_a_last_row_that_may_be_cut_short_is_pointed_at(run_job, write_input, sqlite_target):
    path = write_input() / "ratings.csv"
    path.write_bytes(path.read_bytes().removesuffix(b"\n"))
    outcome = run_job(path.parent, sqlite_target)
    assert outcome.status == 0
    assert f"warning: {path} ends without a line end" in outcome.err


def test_a_wrong_password(run_job, write_input, mariadb_target, monkeypatch):
    environment = mariadb_target.environment | {"DB_PASSWORD": "wrong"}
    monkeypatch.setattr(MariaDBTarget, "environment", environment)
    outcome = run_job(write_input(), mariadb_target)
    assert "Access denied" in complaint(outcome)
    assert "check DB_USER and DB_PASSWORD" in outcome.err
    assert "wrong" not in outcome.err + outcome.out


def test_a_dead_database(run_job, write_input, mariadb_target, monkeypatch):
    monkeypatch.setattr(MariaDBTarget, "address", f"mysql://127.0.0.1:{free_port()}/recsys")
    line = complaint(run_job(write_input(), mariadb_target))
    assert "Communications link failure (Connection refused): check host, port, security" in line


def test_a_driver_that_cannot_be_fetched(run_job, write_input, mariadb_target, monkeypatch):
    monkeypatch.setattr(
        "spark_jobs.store.mysql.connector.CONNECTOR", "com.mysql:mysql-connector-j:0.0.0"
    )
    monkeypatch.setattr("spark_jobs.store.mysql.connector._register", lambda _: False)
    line = complaint(run_job(write_input(), mariadb_target))
    assert "cannot fetch com.mysql:mysql-connector-j:0.0.0" in line
    assert "--jars" in line


def test_a_schema_that_does_not_exist(run_job, write_input, mariadb_target):
    mariadb_target.schema = "nowhere"
    assert "CREATE DATABASE" in complaint(run_job(write_input(), mariadb_target))


def test_a_database_that_was_not_migrated(run_job, write_input, target, mariadb_server, tmp_path):
    if isinstance(target, SQLiteTarget):
        target.path = tmp_path / "empty.sqlite3"
        target.path.touch()
    else:
        mariadb_server.create_schema("empty")
        target.schema = "empty"
    line = complaint(run_job(write_input(), target))
    assert "has no table app_run, app_movie" in line
    assert "manage.py migrate" in line
    if not isinstance(target, SQLiteTarget):
        mariadb_server.execute("DROP DATABASE empty")


def test_a_file_that_does_not_exist_as_database(run_job, write_input, sqlite_target, tmp_path):
    sqlite_target.path = tmp_path / "none.sqlite3"
    assert "manage.py migrate" in complaint(run_job(write_input(), sqlite_target))
    assert not sqlite_target.path.exists()


def test_a_schema_of_another_revision(run_job, write_input, target):
    target.execute("ALTER TABLE app_movie DROP COLUMN year")
    target.execute("ALTER TABLE app_run ADD COLUMN later int NOT NULL DEFAULT 0")
    line = complaint(run_job(write_input(), target))
    assert "app_movie.year is missing" in line
    assert "app_run.later" not in line  # it has a default: the job may leave it alone


def test_the_stack_trace_is_for_those_who_ask(run_job, published):
    outcome = run_job("/nowhere", published, "--debug")
    assert "Traceback" in outcome.err
