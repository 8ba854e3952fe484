"""Who may import whom: the job knows no Django, the site knows no Spark."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SITE = {"pyspark", "py4j", "spark_jobs", "numpy", "pyarrow", "boto3"}
JOB = {"django", "app", "recsys", "dotenv"}
FORBIDDEN = {
    "app": SITE | {"recsys"},
    "recsys": SITE,
    "spark_jobs": JOB,
    "aws_deployment": JOB - {"dotenv"},
    "datasets": JOB | SITE - {"numpy"},
}


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("house", FORBIDDEN)
def test_a_house_imports_only_what_it_may(house):
    files = list((ROOT / house).rglob("*.py"))
    assert files
    for file in files:
        tops = {name.split(".")[0] for name in imports(file)}
        assert not tops & FORBIDDEN[house], file


def test_the_contract_and_the_credentials_need_nothing_but_the_standard_library():
    assert {name.split(".")[0] for name in imports(ROOT / "spark_jobs/contract.py")} == {
        "dataclasses"
    }


def test_boto3_is_imported_where_a_secret_is_read_and_nowhere_else_in_the_job():
    users = [
        file.name
        for file in (ROOT / "spark_jobs").rglob("*.py")
        if {"boto3", "botocore"} & {name.split(".")[0] for name in imports(file)}
    ]
    assert users == ["credentials.py"]
