"""Data into the bucket: checked, sent once, never half there."""

import boto3
import pytest
from botocore.exceptions import ClientError

from aws_deployment import upload
from aws_deployment.errors import DeployError

PART = 8 * 1024 * 1024
BUCKET = "recsys-data"
MOVIES = b"movieId,title,genres\n1,Heat (1995),Crime\n"
HEADER = b"userId,movieId,rating,timestamp\n"


@pytest.fixture
def s3(cloud):
    client = boto3.client("s3")
    client.create_bucket(Bucket=BUCKET)
    return client


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "ml-test"
    folder.mkdir()
    (folder / "movies.csv").write_bytes(MOVIES)
    line = b"1,1,4.0,1000000\n"
    (folder / "ratings.csv").write_bytes(HEADER + line * (3 * PART // len(line)))
    (folder / "README.txt").write_bytes(b"the licence")
    (folder / "tags.csv").write_bytes(b"not for the job")
    return folder


def content(s3, key):
    return s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()


def test_what_the_job_reads_arrives_with_the_readme_and_nothing_else(s3, account, folder, capsys):
    address = upload.upload_data(account, BUCKET, folder)
    assert address == f"s3://{BUCKET}/data/ml-test"
    listed = s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    names = ("README.txt", "movies.csv", "ratings.csv")
    assert [item["Key"] for item in listed] == [f"data/ml-test/{name}" for name in names]
    for name in names:
        assert content(s3, f"data/ml-test/{name}") == (folder / name).read_bytes()
    size = (folder / "ratings.csv").stat().st_size
    told = f"data/ml-test/ratings.csv: {size:,} bytes, checksum confirmed"
    assert told in capsys.readouterr().out


def test_a_second_upload_sends_nothing(s3, account, folder, calls, capsys):
    upload.upload_data(account, BUCKET, folder)
    calls.clear()
    upload.upload_data(account, BUCKET, folder)
    assert set(calls) == {"HeadObject", "ListObjectsV2"}
    assert "data/ml-test/ratings.csv: already there" in capsys.readouterr().out


def test_an_upload_that_fails_leaves_nothing_and_is_sent_again(s3, account, folder, after):
    def refuse() -> None:
        raise ClientError({"Error": {"Code": "SlowDown", "Message": "enough"}}, "UploadPart")

    after("UploadPart", refuse, times=2)
    with pytest.raises(DeployError, match="enough: run the same command again"):
        upload.upload_data(account, BUCKET, folder)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET)
    upload.upload_data(account, BUCKET, folder)
    assert content(s3, "data/ml-test/ratings.csv") == (folder / "ratings.csv").read_bytes()


def test_files_of_a_former_upload_are_named(s3, account, folder, capsys):
    s3.put_object(Bucket=BUCKET, Key="data/ml-test/ratings-1.csv", Body=b"x")
    upload.upload_data(account, BUCKET, folder)
    assert "note: data/ml-test/ratings-1.csv is left from an earlier" in capsys.readouterr().out


def test_a_changed_file_replaces_the_former_one(s3, account, folder):
    upload.upload_data(account, BUCKET, folder)
    (folder / "movies.csv").write_bytes(MOVIES + b"2,Ran (1985),War\n")
    upload.upload_data(account, BUCKET, folder)
    assert content(s3, "data/ml-test/movies.csv").endswith(b"2,Ran (1985),War\n")


@pytest.mark.parametrize(
    ("missing", "told"),
    [("ratings.csv", "ratings.csv does not exist"), (None, "is not a folder: name the one")],
)
def test_a_folder_without_the_data_is_refused_before_anything_is_sent(
    run_deploy, folder, calls, monkeypatch, missing, told
):
    monkeypatch.setattr("aws_deployment.resources.stack.outputs", lambda _: {"Bucket": BUCKET})
    where = folder if missing else folder / "nowhere"
    if missing:
        (folder / missing).unlink()
    done = run_deploy("upload", str(where))
    assert done.status == 1
    assert told in done.err
    assert calls == []
