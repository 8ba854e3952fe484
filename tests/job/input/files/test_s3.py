"""Input on S3, read from moto's server: the same protocol, the same requests as to AWS."""

import json
import os
import subprocess
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from spark_jobs.errors import JobError
from spark_jobs.input.files import file_systems
from spark_jobs.input.files.find import find_input
from spark_jobs.input.files.splits import plan_splits, read_blocks
from tests.job.conftest import RATINGS_HEADER, movie, rating
from tests.support import aws
from tests.support.targets import ROOT

BUCKET = "movie-lens"
READ_MOVIES_ONLY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*/movies.csv"},
    ],
}


@dataclass
class S3:
    client: Any
    environment: dict[str, str]

    def put(self, key: str, content: bytes) -> None:
        self.client.put_object(Bucket=BUCKET, Key=key, Body=content)

    def check_rights(self, *, after: int) -> None:
        """Let moto check the callers' rights, after so many more requests."""
        aws.post(self.environment["AWS_ENDPOINT_URL"], "reset-auth", str(after))


@pytest.fixture(scope="module")
def server():
    with aws.moto_server() as endpoint:
        yield endpoint


@pytest.fixture
def s3(server, monkeypatch, write_input):
    """A bucket with a small input under ml/, and the environment that leads there."""
    environment = aws.environment(server)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    forget_credentials()
    s3 = S3(boto3.client("s3"), environment)
    s3.client.create_bucket(Bucket=BUCKET)
    for file in write_input(ratings=[rating(user) for user in range(1, 100)]).iterdir():
        s3.put(f"ml/{file.name}", file.read_bytes())
    yield s3
    s3.check_rights(after=10**9)
    forget_credentials()


def forget_credentials():
    file_systems.file_system.cache_clear()
    file_systems._s3.cache_clear()


def act_as(monkeypatch, key):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    forget_credentials()


@pytest.mark.parametrize("scheme", ["s3", "s3a"])
def test_files_are_listed_and_read_in_ranges(s3, scheme):
    s3.put("ml/ratings/part-1.csv", b"not asked for")
    found = find_input(f"{scheme}://{BUCKET}/ml/")
    assert [file.name for file in found.files] == ["movies.csv", "ratings.csv"]
    splits = plan_splits("ratings", found.ratings, split_bytes=300)
    assert len(splits) > 3
    lines = b"".join(block for split in splits for block in read_blocks(split)).splitlines()
    assert lines == [rating(user).encode() for user in range(1, 100)]


def test_the_fingerprint_follows_the_etag(s3):
    before = find_input(f"s3://{BUCKET}/ml").fingerprint
    s3.put(
        "ml/movies.csv", b"movieId,title,genres\n" + movie(title="Aliem (1979)").encode() + b"\n"
    )
    assert find_input(f"s3://{BUCKET}/ml").fingerprint != before


def test_an_object_that_changes_while_it_is_read_is_an_error(s3):
    (split,) = plan_splits("ratings", find_input(f"s3://{BUCKET}/ml").ratings)
    with pytest.raises(JobError, match=r"ratings\.csv changed while it was read: run the job aga"):
        for _ in read_blocks(split):
            s3.put("ml/ratings.csv", f"{RATINGS_HEADER}\n{rating(stars=1)}\n".encode() * 50)


def test_an_object_that_changed_between_two_ranges_is_an_error(s3):
    first, *_, last = plan_splits("ratings", find_input(f"s3://{BUCKET}/ml").ratings, 300)
    assert list(read_blocks(first))
    s3.put("ml/ratings.csv", f"{RATINGS_HEADER}\n{rating(stars=1)}\n".encode() * 50)
    with pytest.raises(JobError, match="changed while it was read"):
        list(read_blocks(last))


def test_a_missing_bucket_and_a_missing_prefix_are_told_apart(s3):
    with pytest.raises(JobError, match=r"cannot read s3://no-such-bucket/ml: .*NO_SUCH_BUCKET"):
        find_input("s3://no-such-bucket/ml")
    with pytest.raises(JobError, match=f"s3://{BUCKET}/nowhere/movies.csv does not exist"):
        find_input(f"s3://{BUCKET}/nowhere")


def test_a_denied_key_is_named(s3, monkeypatch):
    iam = boto3.client("iam")
    iam.create_user(UserName="reader")
    iam.put_user_policy(
        UserName="reader", PolicyName="movies", PolicyDocument=json.dumps(READ_MOVIES_ONLY)
    )
    act_as(monkeypatch, iam.create_access_key(UserName="reader")["AccessKey"])
    s3.check_rights(after=0)
    with pytest.raises(JobError, match=r"cannot read s3://.*: .*ratings\.csv.*ACCESS_DENIED"):
        find_input(f"s3://{BUCKET}/ml")


def test_credentials_may_come_from_the_shared_file(s3, monkeypatch, tmp_path):
    iam = boto3.client("iam")
    iam.create_user(UserName="profile")
    everything = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.put_user_policy(UserName="profile", PolicyName="all", PolicyDocument=policy)
    key = iam.create_access_key(UserName="profile")["AccessKey"]
    path = tmp_path / "credentials"
    path.write_text(
        f"[default]\naws_access_key_id = {key['AccessKeyId']}\n"
        f"aws_secret_access_key = {key['SecretAccessKey']}\n"
    )
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    forget_credentials()
    s3.check_rights(after=0)
    assert find_input(f"s3://{BUCKET}/ml").ratings


def test_the_job_reads_s3_and_writes_its_rejects_there(s3, sqlite_target):
    s3.put("ml/ratings.csv", f"{RATINGS_HEADER}\n{rating(1)}\n{rating(2)}\nx,1,4,5\n".encode())
    done = subprocess.run(
        ["spark-submit", "spark_jobs/spark_emr.py", "--input", f"s3a://{BUCKET}/ml",
         "--database", sqlite_target.address, "--min-ratings", "1", "--max-rejected", "1",
         "--rejects", f"s3://{BUCKET}/rejects"],
        cwd=ROOT, env=os.environ | s3.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert sqlite_target.rows("SELECT input, ratings_accepted FROM app_run") == [
        (f"s3a://{BUCKET}/ml", 2)
    ]
    (listed,) = s3.client.list_objects_v2(Bucket=BUCKET, Prefix="rejects/")["Contents"]
    written = s3.client.get_object(Bucket=BUCKET, Key=listed["Key"])["Body"].read().decode()
    assert written.splitlines() == ["file,reason,raw", 'ratings.csv,bad_id,"x,1,4,5"']
