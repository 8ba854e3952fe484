"""Data into the bucket: in parts, checked by S3 itself, and an interrupted upload goes on."""

import base64
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from aws_deployment import ROOT
from aws_deployment.account import Account
from aws_deployment.errors import DeployError
from aws_deployment.waiting import say

PART_BYTES = 16 * 1024 * 1024
MOST_PARTS = 10_000
"""S3's own limit: 160 GB a file."""
BAR = 30


def upload_data(account: Account, bucket: str, folder: Path) -> str:
    """Upload what the job reads from the folder, and its README. Returns its s3:// address."""
    paths = _data_files(folder)
    prefix = f"data/{folder.resolve().name}"
    client = account.client("s3")
    for path in paths:
        upload_file(client, bucket, f"{prefix}/{path.relative_to(folder)}", path)
    _tell_of_others(client, bucket, prefix, {str(path.relative_to(folder)) for path in paths})
    return f"s3://{bucket}/{prefix}"


def _tell_of_others(client: Any, bucket: str, prefix: str, names: set[str]) -> None:
    """Files of an earlier upload stay, and the job may read them."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/")
    for key in (item["Key"] for page in pages for item in page.get("Contents", [])):
        if key.removeprefix(f"{prefix}/") not in names:
            say(f"note: {key} is there from an earlier upload; delete it if it is not wanted")


def _data_files(folder: Path) -> list[Path]:
    """Raises DeployError where the job would not find its input."""
    if not folder.is_dir():
        raise DeployError(f"{folder} is not a folder: name the one that holds ratings.csv")
    # MovieLens may be passed on only with its README.
    return sorted({*(folder / name for name in _input_files(folder)), *folder.glob("README*")})


def _input_files(folder: Path) -> list[str]:
    """The job says what it would read: its packages are loaded in a process of their own."""
    done = subprocess.run(
        [sys.executable, "-m", "spark_jobs.input.find_files", str(folder)],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise DeployError(done.stderr.strip().splitlines()[-1].removeprefix("error: "))
    return list(map(str, json.loads(done.stdout)))


def upload_file(client: Any, bucket: str, key: str, path: Path) -> None:
    """Upload one file, unless the same content is there already."""
    whole = _digest_of_file(path)
    if _uploaded_digest(client, bucket, key) == whole:
        say(f"{key}: there already")
        return
    bar = Bar(key, path.stat().st_size)
    if path.stat().st_size <= PART_BYTES:
        content = path.read_bytes()
        client.put_object(
            Bucket=bucket, Key=key, Body=content, ChecksumSHA256=_digest(content),
            Metadata={"sha256": whole},
        )  # fmt: skip
        bar.add(len(content))
    else:
        _upload_parts(client, bucket, key, path, whole, bar)
    bar.close()


@dataclass(frozen=True)
class Part:
    """What S3 compares: its checksum, and the MD5 that it gives a part as its ETag."""

    sha256: str
    etag: str


def _upload_parts(client: Any, bucket: str, key: str, path: Path, whole: str, bar: "Bar") -> None:
    parts = [_describe(content) for content in _parts(path)]
    if len(parts) > MOST_PARTS:
        raise DeployError(f"{path} is larger than 160 GB: split it into ratings-1.csv, ratings-2…")
    target = {"Bucket": bucket, "Key": key}
    target["UploadId"], there = _unfinished(client, target, parts) or _new(client, target, whole)
    for number, content in enumerate(_parts(path), start=1):
        if number not in there:
            client.upload_part(
                **target, PartNumber=number, Body=content, ChecksumSHA256=parts[number - 1].sha256
            )
        bar.add(len(content))
    client.complete_multipart_upload(
        **target,
        MultipartUpload={
            "Parts": [
                {"PartNumber": number, "ETag": part.etag, "ChecksumSHA256": part.sha256}
                for number, part in enumerate(parts, start=1)
            ]
        },
    )


def _new(client: Any, target: dict[str, str], whole: str) -> tuple[str, set[int]]:
    created = client.create_multipart_upload(
        **target, ChecksumAlgorithm="SHA256", Metadata={"sha256": whole}
    )
    return created["UploadId"], set()


def _unfinished(
    client: Any, target: dict[str, str], parts: list[Part]
) -> tuple[str, set[int]] | None:
    """An interrupted upload of this very content, and the numbers of the parts that arrived.

    Others of this key are given up.
    """
    bucket, key = target["Bucket"], target["Key"]
    etags = {number: part.etag for number, part in enumerate(parts, start=1)}
    listed = client.list_multipart_uploads(Bucket=bucket, Prefix=key).get("Uploads", [])
    for upload in (upload["UploadId"] for upload in listed if upload["Key"] == key):
        there = _etags_there(client, target, upload)
        if there.items() <= etags.items():
            return upload, set(there)
        client.abort_multipart_upload(**target, UploadId=upload)
    return None


def _etags_there(client: Any, target: dict[str, str], upload: str) -> dict[int, str]:
    pages = client.get_paginator("list_parts").paginate(**target, UploadId=upload)
    return {
        part["PartNumber"]: part["ETag"].strip('"')
        for page in pages
        for part in page.get("Parts", [])
    }


def _describe(content: bytes) -> Part:
    return Part(_digest(content), hashlib.md5(content, usedforsecurity=False).hexdigest())


def is_there(client: Any, bucket: str, key: str) -> bool:
    return _uploaded_digest(client, bucket, key) is not None


def _uploaded_digest(client: Any, bucket: str, key: str) -> str | None:
    try:
        head: dict[str, dict[str, str]] = client.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
            return None
        raise
    return head["Metadata"].get("sha256")


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while content := file.read(PART_BYTES):
            yield content


def _digest(content: bytes) -> str:
    """SHA-256 in the form that S3 compares with its own."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def _digest_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Bar:
    """A progress bar on a terminal, one line at the end elsewhere."""

    def __init__(self, name: str, size: int) -> None:
        self.name, self.size, self.done = name, size, 0
        self.live = sys.stdout.isatty()

    def add(self, size: int) -> None:
        self.done += size
        if self.live:
            share = self.done / max(self.size, 1)
            filled = "#" * round(share * BAR)
            print(f"\r{filled:.<{BAR}} {share:4.0%} {self.name}", end="", flush=True)

    def close(self) -> None:
        start = "\r" if self.live else ""
        say(f"{start}{self.name}: {self.done:,} bytes, checksum confirmed")
