"""Credentials come from the environment, a file or a secret store; moto's server plays AWS."""

import json

import boto3
import pytest

from spark_jobs.errors import JobError
from spark_jobs.store.credentials import Credentials, find_credentials
from tests.support import aws


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("DB_PASSWORD", "DB_PASSWORD_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DB_USER", "someone")


@pytest.fixture
def store(monkeypatch):
    with aws.moto_server() as endpoint:
        for name, value in aws.environment(endpoint).items():
            monkeypatch.setenv(name, value)
        yield


def test_from_the_environment(monkeypatch):
    monkeypatch.setenv("DB_PASSWORD", "secret")
    assert find_credentials(None) == Credentials("someone", "secret")


def test_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "password").write_text("secret\n")
    monkeypatch.setenv("DB_PASSWORD_FILE", str(tmp_path / "password"))
    assert find_credentials(None) == Credentials("someone", "secret")
    assert find_credentials(f"file:{tmp_path / 'password'}") == Credentials("someone", "secret")


def test_from_secrets_manager_as_rds_writes_it(store):
    secret = json.dumps({"username": "admin", "password": "p{}"})
    boto3.client("secretsmanager").create_secret(Name="recsys", SecretString=secret)
    assert find_credentials("secretsmanager:recsys") == Credentials("admin", "p{}")


def test_from_the_parameter_store(store):
    boto3.client("ssm").put_parameter(Name="/recsys/db", Value="secret", Type="SecureString")
    assert find_credentials("ssm:/recsys/db") == Credentials("someone", "secret")


def test_from_a_private_object(store):
    boto3.client("s3").create_bucket(Bucket="recsys-private")
    secret = json.dumps({"username": "admin", "password": "p{}"}).encode()
    boto3.client("s3").put_object(Bucket="recsys-private", Key="secrets/db.json", Body=secret)
    assert find_credentials("s3:recsys-private/secrets/db.json") == Credentials("admin", "p{}")


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("recsys", "give secretsmanager:NAME, ssm:NAME, s3:BUCKET/KEY or file:PATH"),
        ("vault:recsys", "give secretsmanager:NAME"),
        ("file:/nowhere", "cannot read the password from /nowhere"),
        ("secretsmanager:nothing", "ResourceNotFoundException"),
        ("ssm:/nothing", "ParameterNotFound"),
        ("s3:nothing/at/all", "NoSuchBucket"),
    ],
)
def test_a_reference_that_leads_nowhere_is_one_clear_error(store, reference, expected):
    with pytest.raises(JobError, match=expected) as raised:
        find_credentials(reference)
    assert "\n" not in str(raised.value)


def test_json_without_a_password_is_refused(tmp_path):
    (tmp_path / "secret").write_text('{"user": "x"}')
    with pytest.raises(JobError, match="without a `password`"):
        find_credentials(f"file:{tmp_path / 'secret'}")


def test_a_password_is_not_shown():
    assert "secret" not in repr(Credentials("someone", "secret"))
