"""The same job on Spark 3.5, which EMR 7 runs: in an environment of its own, the same result."""

import os
import re
import subprocess
import sys

import pytest

from tests.support.targets import ROOT

SPARK = "pyspark==3.5.6"
RESULT = (
    "SELECT movie_id, rating_count, weighted_rating, `rank`, last_rated_at, year,"
    " lower_bound, upper_bound, trend, months"
    " FROM app_recommendationdata ORDER BY movie_id"
)


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """What puts a Python with Spark 3.5 first; the other packages as in production."""
    folder = tmp_path_factory.mktemp("spark-3.5")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pinned = (ROOT / "requirements.txt").read_text()
    packages = re.findall(r"^(?:numpy|pyarrow|scipy)==.*", pinned, flags=re.MULTILINE)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", SPARK, *packages]
    subprocess.run(pip, check=True)
    (home,) = folder.glob("lib/python*/site-packages/pyspark")
    return {"PATH": f"{folder}/bin:{os.environ['PATH']}", "SPARK_HOME": str(home)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("engine", "master"), [("sqlite", "local[2]"), ("mariadb", "local-cluster[2,1,1024]")]
)
def test_the_job_comes_to_the_same_on_spark_35(
    request, run_job, dataset, environment, engine, master
):
    target, other = (request.getfixturevalue(f"{engine}_targets").make() for _ in range(2))
    assert run_job(dataset, target, "--min-ratings", "50").status == 0
    done = subprocess.run(
        ["spark-submit", "--master", master, "spark_jobs/spark_emr.py",
         "--input", str(dataset), "--database", other.address],
        cwd=ROOT, env=os.environ | other.environment | environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"spark": "3.5' in other.rows("SELECT versions FROM app_run")[0][0]
    assert other.rows(RESULT) == target.rows(RESULT)
