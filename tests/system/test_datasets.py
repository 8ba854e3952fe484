"""Where the input comes from: found, fetched or generated."""

import csv
import hashlib
import http.server
import io
import threading
import zipfile
from collections import Counter

import pytest

from datasets import movielens, synthetic


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A server on this machine that hands out a zip like GroupLens does."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("ml-latest-small/movies.csv", "movieId,title,genres\n")
        archive.writestr("ml-latest-small/README.txt", "licence")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "small.zip").write_bytes(buffer.getvalue())

    def handler(*arguments):
        return Quiet(*arguments, directory=tmp_path / "site")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/small.zip"
    yield url, hashlib.sha256(buffer.getvalue()).hexdigest()
    server.shutdown()


def test_the_download_is_checked_against_its_checksum(served):
    url, checksum = served
    assert movielens.download(url, checksum)[:2] == b"PK"
    with pytest.raises(OSError, match="it was changed in transit"):
        movielens.download(url, "0" * 64)


def test_a_download_that_cannot_be_had_says_so(served):
    url, checksum = served
    with pytest.raises(OSError, match="404"):
        movielens.download(f"{url}.not", checksum)


def test_data_are_unpacked_once_with_their_readme(served, tmp_path, monkeypatch):
    monkeypatch.delenv("MOVIELENS_DIR", raising=False)
    content = movielens.download(*served)
    calls = []
    monkeypatch.setattr(movielens, "download", lambda: calls.append(1) or content)
    for _ in range(2):
        assert movielens.find_or_fetch(tmp_path) == tmp_path / "ml-latest-small"
    assert calls == [1]
    assert sorted(file.name for file in (tmp_path / "ml-latest-small").iterdir()) == [
        "README.txt",
        "movies.csv",
    ]


def test_a_named_folder_without_the_files_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setenv("MOVIELENS_DIR", str(tmp_path))
    with pytest.raises(OSError, match=r"has no movies\.csv"):
        movielens.find_or_fetch(tmp_path)


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("generated")
    synthetic.generate(folder, ratings=100_000, movies=9_700, users=610, seed=1)
    return folder


def rows(folder, name):
    with (folder / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_generated_data_have_the_shape_of_movielens(generated):
    ratings = rows(generated, "ratings.csv")
    assert 90_000 < len(ratings) < 110_000
    assert {float(row["rating"]) for row in ratings} <= {k / 2 for k in range(1, 11)}
    keys = [(int(row["userId"]), int(row["movieId"])) for row in ratings]
    assert keys == sorted(set(keys))
    known = {row["movieId"] for row in rows(generated, "movies.csv")}
    counts = Counter(row["movieId"] for row in ratings)
    assert counts.keys() < known
    # A tail: few movies have most of the ratings, many have a handful.
    assert 200 < sum(count >= 50 for count in counts.values()) < 1_000
    assert sum(count <= 5 for count in counts.values()) > 3_000


def test_generated_data_say_so(generated):
    assert "generated" in (generated / synthetic.MARKER).read_text()


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        synthetic.generate(tmp_path / name, ratings=2_000, movies=300, users=50, seed=seed)
    a, b, c = ((tmp_path / name / "ratings.csv").read_bytes() for name in "abc")
    assert a == b != c
