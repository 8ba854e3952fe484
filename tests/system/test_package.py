"""The zip for a cluster: complete, stamped, and the same bytes each time."""

import json
import os
import shutil
import subprocess
import sys
import zipfile

from aws_deployment.package_job import pack
from spark_jobs.revision import git_revision
from tests.support.targets import ROOT


def test_the_zip_holds_the_whole_job_and_its_revision(tmp_path):
    revision = pack(tmp_path / "a.zip")
    assert revision == git_revision(ROOT)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        names = set(archive.namelist())
        assert archive.read("spark_jobs/REVISION").decode() == revision
    files = {str(file.relative_to(ROOT)) for file in (ROOT / "spark_jobs").rglob("*.py")}
    assert names == files | {"spark_jobs/REVISION"}
    pack(tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_outside_of_a_checkout_the_revision_is_unknown(tmp_path):
    assert git_revision(tmp_path) == "unknown"


def test_the_job_runs_from_its_zip_alone_and_records_the_revision(tmp_path):
    # As on a cluster: the entry point in a folder of its own, the package in the zip.
    shutil.copy(ROOT / "spark_jobs" / "spark_emr.py", tmp_path)
    revision = pack(tmp_path / "job.zip")
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "movies.csv").write_text("movieId,title,genres\n1,Heat (1995),Crime\n")
    (tmp_path / "input" / "ratings.csv").write_text("userId,movieId,rating,timestamp\n1,1,4.0,5\n")
    done = subprocess.run(
        [shutil.which("spark-submit") or "", "--master", "local[2]", "--py-files", "job.zip",
         "spark_emr.py", "--input", "input", "--dry-run", "--min-ratings", "1",
         "--summary-json", "summary.json"],
        cwd=tmp_path, env=os.environ | {"PYSPARK_PYTHON": sys.executable},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["versions"]["job"] == revision
    assert summary["top"][0]["title"] == "Heat"
