"""The same job on the Spark of each of EMR's releases that are used: the same result.

Each Spark is in an environment of its own, as the job's own is another one.
"""

import os
import re
import subprocess
import sys

import pytest

from aws_deployment import versions
from tests.support.targets import ROOT

RESULT = (
    "SELECT movie_id, rating_count, weighted_rating, `rank`, last_rated_at, year,"
    " lower_bound, upper_bound, trend, months"
    " FROM app_recommendationdata ORDER BY movie_id"
)

MODELS = [
    "SELECT movie_id, packed FROM app_similarmovie ORDER BY movie_id",
    "SELECT movie_id, scale, packed FROM app_visitorweights ORDER BY movie_id",
    "SELECT user_id, packed FROM app_userrecommendation ORDER BY user_id",
]


@pytest.fixture(scope="module", params=[versions.LAB_RELEASE, versions.RELEASE], ids=["lab", "own"])
def spark_version(request):
    return request.param.tested


@pytest.fixture(scope="module")
def environment(tmp_path_factory, spark_version):
    """What puts a Python with this Spark first; the other packages as in production."""
    folder = tmp_path_factory.mktemp("spark")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pinned = (ROOT / "requirements.txt").read_text()
    packages = re.findall(r"^(?:numpy|pyarrow|scipy)==.*", pinned, flags=re.MULTILINE)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, f"pyspark=={spark_version}", *packages], check=True)
    (home,) = folder.glob("lib/python*/site-packages/pyspark")
    return {"PATH": f"{folder}/bin:{os.environ['PATH']}", "SPARK_HOME": str(home)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("engine", "master"), [("sqlite", "local[2]"), ("mariadb", "local-cluster[2,1,1024]")]
)
def test_the_job_comes_to_the_same_on_the_spark_of_a_release(
    request, run_job, dataset, spark_version, environment, engine, master
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
    assert f'"spark": "{spark_version}"' in other.rows("SELECT versions FROM app_run")[0][0]
    assert other.rows(RESULT) == target.rows(RESULT)
    for query in MODELS:
        assert other.rows(query) == target.rows(query) != []
