"""Files as blocks of lines: every line once, however the file is cut and packed."""

import gzip
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spark_jobs.errors import JobError
from spark_jobs.input.files.find import find_input
from spark_jobs.input.files.splits import SPLIT_BYTES, ends_within_a_line, plan_splits, read_blocks
from tests.job.conftest import RATINGS_HEADER, rating


def text(folder, split_bytes=SPLIT_BYTES) -> bytes:
    """All lines of the ratings, split by split."""
    splits = plan_splits("ratings", find_input(str(folder)).ratings, split_bytes)
    return b"".join(block for split in splits for block in read_blocks(split))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_line_is_read_once_wherever_the_borders_fall(write_input, monkeypatch, end):
    lines = [rating(user, movie=10 ** (user % 7)) for user in range(1, 40)]
    folder = write_input(ratings=lines, end=end)
    expected = "".join(f"{line}{end}" for line in lines).encode()
    for block_bytes, search_bytes in ((10_000, 10_000), (7, 3), (64, 1)):
        monkeypatch.setattr("spark_jobs.input.files.splits.BLOCK_BYTES", block_bytes)
        monkeypatch.setattr("spark_jobs.input.files.splits.SEARCH_BYTES", search_bytes)
        for split_bytes in (1, 2, 17, 100, 10_000):
            assert text(folder, split_bytes) == expected


def test_a_last_line_without_an_end_is_read_and_noticed(write_input):
    folder = write_input(ratings=[rating(1), rating(2)])
    path = folder / "ratings.csv"
    (file,) = find_input(str(folder)).ratings
    assert not ends_within_a_line(file)
    path.write_bytes(path.read_bytes().removesuffix(b"\n"))
    (file,) = find_input(str(folder)).ratings
    assert ends_within_a_line(file)
    assert text(folder) == f"{rating(1)}\n{rating(2)}\n".encode()


def test_a_byte_order_mark_does_not_hide_the_header(write_input):
    folder = write_input(ratings=[rating()])
    for file in folder.iterdir():
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert text(folder) == f"{rating()}\n".encode()


def test_gzip_is_one_split(write_input):
    folder = write_input()
    plain = "\n".join([RATINGS_HEADER, *[rating(user) for user in range(1, 100)], ""]).encode()
    (folder / "ratings.csv").unlink()
    (folder / "ratings.csv.gz").write_bytes(gzip.compress(plain))
    assert len(plan_splits("ratings", find_input(str(folder)).ratings, 10)) == 1
    assert text(folder) == plain.partition(b"\n")[2]


def test_a_gzip_that_was_cut_short_is_an_error(write_input):
    folder = write_input()
    plain = os.urandom(300_000).hex().encode()
    (folder / "ratings.csv").unlink()
    packed = gzip.compress(f"{RATINGS_HEADER}\n".encode() + plain)
    (folder / "ratings.csv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(JobError, match=r"cannot read .*ratings\.csv\.gz"):
        text(folder)


PARQUET = {
    "userId": pa.array([1, 2, None, 4], pa.int32()),
    "movieId": pa.array([1, 1, 1, 1], pa.int64()),
    "rating": pa.array([4.0, 0.5, 3.0, float("nan")], pa.float32()),
    "timestamp": pa.array([5, 6, 7, 8], pa.timestamp("s")),
}


def write_parquet(folder, columns):
    (folder / "ratings.csv").unlink()
    pq.write_table(pa.table(columns), folder / "ratings.parquet", row_group_size=3)


def test_parquet_is_read_by_row_group_as_text(write_input):
    folder = write_input()
    write_parquet(folder, {"more": ["x"] * 4, **PARQUET})
    assert len(plan_splits("ratings", find_input(str(folder)).ratings)) == 2
    assert text(folder) == b"1,1,4,5\n2,1,0.5,6\n,1,3,7\n4,1,nan,8\n"


def test_parquet_without_a_column_is_refused(write_input):
    folder = write_input()
    write_parquet(folder, {name: PARQUET[name] for name in ("userId", "movieId", "timestamp")})
    with pytest.raises(JobError, match=r"userId, movieId, timestamp: rating is missing"):
        text(folder)


def test_a_file_that_is_replaced_while_it_is_read_is_an_error(write_input):
    folder = write_input(ratings=[rating(user) for user in range(1, 100)])
    (split,) = plan_splits("ratings", find_input(str(folder)).ratings)
    with pytest.raises(JobError, match=r"ratings\.csv changed while it was read"):
        for _ in read_blocks(split):
            os.utime(folder / "ratings.csv", (1, 1))
