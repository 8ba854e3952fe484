"""The ways back after a loss, on a real server, with the commands that the guide gives."""

import json
import os
import stat
import subprocess
import sys
from dataclasses import dataclass

import pytest

from spark_jobs import spark_emr
from tests.support.server import get, site
from tests.support.targets import ROOT, MariaDBTarget, manage, statuses
from tests.system.guide import DUMP, OPTION_FILE, RESTORE

CURATE = """
from django.contrib.auth.models import User
from app.models import Movie
from tests.site.factories import curate, make_run
anna = User.objects.create_user("anna")
curate(Movie.objects.get(pk=3), pinned_position=1, note="“été” 🎬 \\\\ it's", decided_by=anna)
curate(Movie.objects.get(pk=2), hidden=True)
make_run("loading")
"""
"""The run that is loading stands for a job that was publishing while the dump was made."""


@dataclass
class OperatorsTarget(MariaDBTarget):
    """A schema, to a user who may do everything in it and nothing elsewhere."""

    @property
    def environment(self) -> dict[str, str]:
        account = {"DB_USER": f"op_{self.schema}", "DB_PASSWORD": r"""a'b"c\n#d %s;=$"""}
        return super().environment | account


@pytest.fixture
def empty_schema(mariadb_server):
    """Make a schema, and its user, as the guide says."""
    made = []

    def make(name):
        target = OperatorsTarget(mariadb_server, name)
        made.append(name)
        password = target.environment["DB_PASSWORD"].replace("\\", r"\\").replace("'", r"\'")
        mariadb_server.create_schema(name)
        mariadb_server.execute(f"CREATE USER op_{name} IDENTIFIED BY '{password}'")
        mariadb_server.execute(f"GRANT ALL ON {name}.* TO op_{name}")
        return target

    yield make
    for name in made:
        mariadb_server.execute(f"DROP DATABASE IF EXISTS {name}")
        mariadb_server.execute(f"DROP USER op_{name}")


@pytest.fixture
def publish(spark, tmp_path, monkeypatch):
    """Run the job into a target: twelve movies, the higher the id the better."""
    movies = [f"{n},Amélie 🎬 {n} (2001),Comedy|Drama" for n in range(1, 13)]
    ratings = [f"{n},{n},{1 + n % 9 * 0.5},1000000" for n in range(1, 13)]
    for name, rows in {
        "movies.csv": ["movieId,title,genres", *movies],
        "ratings.csv": ["userId,movieId,rating,timestamp", *ratings],
    }.items():
        (tmp_path / name).write_text("\n".join([*rows, ""]), encoding="utf-8")

    def publish(target):
        for name, value in target.environment.items():
            monkeypatch.setenv(name, value)
        arguments = ["--input", str(tmp_path), "--database", target.address, "--min-ratings", "1"]
        assert spark_emr.main(arguments) == 0

    return publish


@pytest.fixture
def original(empty_schema, publish):
    """A site as it is after its first weeks."""
    target = empty_schema("recsys")
    manage(target, "migrate")
    publish(target)
    manage(target, "shell", "--no-imports", "--command", CURATE)
    return target


def bash(commands, folder, target):
    """Type commands as the guide gives them, with .env read; returns what they say."""
    done = subprocess.run(
        ["bash", "-euc", commands], cwd=folder, env=os.environ | target.environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def curation(target, *arguments):
    """What manage.py curation says."""
    done = subprocess.run(
        [sys.executable, "manage.py", "curation", *arguments],
        cwd=ROOT, env=os.environ | {"ENV_FILE": "/dev/null"} | target.environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def answers(target):
    """What visitors see: the list and the figures."""
    with site(target) as address:
        found = [get(address + path) for path in ("/recommendations/?limit=100", "/stats/")]
    assert [status for status, _ in found] == [200, 200]
    return found


def movies(found):
    """The list without the version, which another database has another of."""
    return {**json.loads(found[0][1]), "version": ""}


def test_a_dump_brings_the_whole_site_back(original, empty_schema, publish, tmp_path):
    before, decisions = answers(original), curation(original, "export")
    assert b'"pinned":true' in before[0][1]
    bash(OPTION_FILE, tmp_path, original)
    assert bash(DUMP, tmp_path, original).startswith("-- Dump completed")
    for name in ("recsys.cnf", "recsys.sql"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    original.server.execute("DROP DATABASE recsys")

    restored = empty_schema("recsys_restored")
    bash(OPTION_FILE + RESTORE, tmp_path, restored)
    manage(restored, "migrate", "--check")
    assert answers(restored) == before
    assert curation(restored, "export") == decisions
    assert '"decided_by": "anna"' in decisions

    publish(restored)
    assert statuses(restored) == ["superseded", "failed", "current"]
    assert curation(restored, "export") == decisions
    assert answers(restored)[0][1].count(b'"pinned":true') == 1


def test_an_export_of_the_curation_is_enough_for_the_same_list(
    original, empty_schema, publish, tmp_path
):
    before, path = answers(original), str(tmp_path / "curation.json")
    curation(original, "export", path)
    original.server.execute("DROP DATABASE recsys")

    rebuilt = empty_schema("recsys_rebuilt")
    manage(rebuilt, "migrate")
    publish(rebuilt)
    assert movies(answers(rebuilt)) != movies(before)
    assert curation(rebuilt, "import", path).splitlines() == [
        "there is no user “anna”; decisions without a curator now: 1",
        "added 2, changed 0, unchanged 0, removed 0",
    ]
    assert movies(answers(rebuilt)) == movies(before)
