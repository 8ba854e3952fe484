"""Upload files with boto3's transfer manager, checked by S3, and none twice."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError

from aws_deployment import ROOT
from aws_deployment.account import Account
from aws_deployment.errors import DeployError
from aws_deployment.waiting import say

BAR = 30


def upload_data(account: Account, bucket: str, folder: Path) -> str:
    """Upload what the job reads from the folder, and its README. Return the s3:// address."""
    paths = _data_files(folder)
    prefix = f"data/{folder.resolve().name}"
    client = account.client("s3")
    for path in paths:
        upload_file(client, bucket, f"{prefix}/{path.relative_to(folder)}", path)
    _tell_of_others(client, bucket, prefix, {str(path.relative_to(folder)) for path in paths})
    return f"s3://{bucket}/{prefix}"


def _tell_of_others(client: Any, bucket: str, prefix: str, names: set[str]) -> None:
    """Warn of files from an earlier upload, which stay, and which the job may read."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/")
    for key in (item["Key"] for page in pages for item in page.get("Contents", [])):
        if key.removeprefix(f"{prefix}/") not in names:
            say(f"note: {key} is left from an earlier upload; delete it if it is not wanted")


def _data_files(folder: Path) -> list[Path]:
    """The files to upload. Raises DeployError if the job would not find its input."""
    if not folder.is_dir():
        raise DeployError(f"{folder} is not a folder: name the one with ratings.csv")
    # MovieLens may be redistributed only with its README.
    return sorted({*(folder / name for name in _input_files(folder)), *folder.glob("README*")})


def _input_files(folder: Path) -> list[str]:
    """The files that the job would read, found in a process with the job's packages."""
    done = subprocess.run(
        [sys.executable, "-m", "spark_jobs.input.files.find", str(folder)],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise DeployError(done.stderr.strip().splitlines()[-1].removeprefix("error: "))
    return list(map(str, json.loads(done.stdout)))


def upload_file(client: Any, bucket: str, key: str, path: Path) -> None:
    """Upload one file, unless its content is already there. S3 checks it part by part."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if (there := _head(client, bucket, key)) and there["Metadata"].get("sha256") == digest:
        say(f"{key}: already there")
        return
    bar = Bar(key, path.stat().st_size)
    extra = {"ChecksumAlgorithm": "SHA256", "Metadata": {"sha256": digest}}
    try:
        client.upload_file(str(path), bucket, key, ExtraArgs=extra, Callback=bar.add)
    except S3UploadFailedError as error:
        raise DeployError(f"{error}: run the same command again") from error
    bar.close()


def is_there(client: Any, bucket: str, key: str) -> bool:
    return _head(client, bucket, key) is not None


def _head(client: Any, bucket: str, key: str) -> dict[str, Any] | None:
    try:
        head: dict[str, Any] = client.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
            return None
        raise
    return head


class Bar:
    """A progress bar on a terminal, otherwise one line at the end."""

    def __init__(self, name: str, size: int) -> None:
        self.name, self.size, self.done = name, size, 0
        self.live = sys.stdout.isatty()
        self.lock = threading.Lock()

    def add(self, size: int) -> None:
        """Advance the bar. Called by the threads that send the parts."""
        with self.lock:
            self.done += size
            self._draw()

    def _draw(self) -> None:
        if self.live:
            share = self.done / max(self.size, 1)
            filled = "#" * round(share * BAR)
            print(f"\r{filled:.<{BAR}} {share:4.0%} {self.name}", end="", flush=True)

    def close(self) -> None:
        start = "\r" if self.live else ""
        say(f"{start}{self.name}: {self.done:,} bytes, checksum confirmed")
