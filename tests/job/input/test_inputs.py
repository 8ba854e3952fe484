"""Whole runs over what people really have: dirty files, old data sets, files in parts."""

import csv
import gzip
import json

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from tests.job.conftest import RATINGS_HEADER, movie, rating

RESULT = (
    "SELECT movie_id, rating_count, avg_rating, weighted_rating, `rank`, last_rated_at,"
    " lower_bound, trend, months"
    " FROM app_recommendationdata ORDER BY movie_id"
)


def rows_of(folder, name):
    with (folder / name).open(newline="", encoding="utf-8") as file:
        yield from list(csv.reader(file))[1:]


def as_parts(source, folder):
    """The ratings dealt out to three files, one of them packed."""
    lines = (source / "ratings.csv").read_bytes().splitlines(keepends=True)
    header, rows = lines[0], lines[1:]
    for part, start in enumerate((0, 1)):
        (folder / f"ratings-{part}.csv").write_bytes(b"".join([header, *rows[start::3]]))
    (folder / "ratings-2.csv.gz").write_bytes(gzip.compress(b"".join([header, *rows[2::3]])))
    (folder / "movies.csv.gz").write_bytes(gzip.compress((source / "movies.csv").read_bytes()))


def as_dat(source, folder):
    for name in ("movies", "ratings"):
        lines = ("::".join(row) for row in rows_of(source, f"{name}.csv"))
        (folder / f"{name}.dat").write_text("\n".join([*lines, ""]), encoding="utf-8")


def as_parquet(source, folder):
    for name in ("movies", "ratings"):
        table = pa_csv.read_csv(source / f"{name}.csv")
        pq.write_table(table, folder / f"{name}.parquet", row_group_size=30_000)


def test_the_same_ratings_in_any_shape_come_to_the_same(run_job, dataset, sqlite_targets, tmp_path):
    target = sqlite_targets.make()
    plain = run_job(dataset, target).summary
    for convert in (as_parts, as_dat, as_parquet):
        folder = tmp_path / convert.__name__
        folder.mkdir()
        convert(dataset, folder)
        other = sqlite_targets.make()
        outcome = run_job(folder, other)
        assert outcome.status == 0, outcome.err
        for figure in ("movies", "ratings", "prior_mean", "half_star_counts"):
            assert outcome.summary[figure] == plain[figure]
        assert other.rows(RESULT) == target.rows(RESULT)


def test_the_hundred_thousand_set_as_it_comes(run_job, write_input, sqlite_target):
    folder = write_input()
    for file in folder.iterdir():
        file.unlink()
    item = "|".join(["1", "Señor (1995)", "01-Jan-1995", "", "", "0", "1", *["0"] * 17])
    (folder / "u.item").write_bytes(f"{item}\n".encode("latin-1"))
    # Not sorted, and not proved distinct without a look at every pair.
    (folder / "u.data").write_text("196\t1\t3\t881250949\n186\t1\t5\t891717742\n196\t1\t4\t9\n")
    outcome = run_job(folder, sqlite_target)
    assert outcome.summary["ratings"] == {"accepted": 2, "rejected": {}, "superseded": 1}
    assert outcome.summary["prior_mean"] == 4.0
    assert sqlite_target.rows("SELECT title, year FROM app_movie") == [("Señor", 1995)]


def test_the_later_of_two_ratings_counts_and_the_other_is_counted(run_job, write_input, target):
    rows = [rating(1, 1, 5.0, 10), rating(1, 1, 1.0, 20), rating(2, 1, 2.0, 5), rating("x")]
    outcome = run_job(write_input(ratings=rows), target)
    assert outcome.summary["prior_mean"] == 1.5
    assert (
        "4 read, 2 accepted, 1 superseded by a later rating, 1 rejected (1 bad_id)" in outcome.out
    )
    assert target.rows(
        "SELECT ratings_read, ratings_accepted, ratings_superseded, rejected_by_reason FROM app_run"
    ) == [(4, 2, 1, json.dumps({"movies": {}, "ratings": {"bad_id": 1}}))]


def test_dirt_of_every_kind_is_counted_and_the_rest_still_counts(
    run_job, write_input, target, tmp_path
):
    folder = write_input()
    clean = [rating(user) for user in range(1, 1_001)]
    dirt = [
        b"7,1,4.0,5\x00",
        b"8,1,\xff\xfe,5",
        b"9,1,4.0,5," + b"x" * 10_000_000,
        "10,1,４.0,5".encode(),
        b'11,1,"4.0,5',
    ]
    lines = [f"{RATINGS_HEADER}\r".encode(), *(row.encode() for row in clean), *dirt]
    (folder / "ratings.csv").write_bytes(b"\xef\xbb\xbf" + b"\n".join(lines) + b"\n2000,1,3.")
    outcome = run_job(folder, target, "--rejects", str(tmp_path / "rejects"))
    assert outcome.status == 0, outcome.err
    assert outcome.summary["ratings"] == {
        "accepted": 1_000,
        "rejected": {"bad_text": 2, "malformed": 4},
        "superseded": 0,
    }
    stored = target.rows("SELECT reason, raw FROM app_rejectedrow ORDER BY reason, raw")
    assert len(stored) == 6
    assert max(len(raw) for _, raw in stored) == 1_000
    assert ("bad_text", "7,1,4.0,5\\x00") in stored
    assert ("malformed", "2000,1,3.") in stored
    (written,) = (tmp_path / "rejects").glob("ratings-*.csv")
    assert written.stat().st_size > 10_000_000


def test_files_in_parts_that_share_a_user_are_still_counted_once(
    run_job, write_input, sqlite_target
):
    folder = write_input([movie(1), movie(2, "B (2000)")], [])
    (folder / "ratings.csv").unlink()
    for part, rows in enumerate(([rating(1, 1), rating(2, 1)], [rating(1, 1), rating(3, 2)])):
        (folder / f"ratings-{part}.csv").write_text("\n".join([RATINGS_HEADER, *rows, ""]))
    outcome = run_job(folder, sqlite_target)
    assert outcome.summary["ratings"] == {"accepted": 3, "rejected": {}, "superseded": 1}
