"""The data sets in the bucket, and the cluster that is enough for one."""

from aws_deployment.account import Account
from aws_deployment.errors import DeployError

SMALL = 100_000_000
"""Bytes: about four million ratings. One m4.large is enough for them, see docs/performance.md."""


def size(account: Account, bucket: str, name: str) -> int:
    """Bytes of a data set. DeployError where there is none: ten minutes earlier than the job."""
    pages = account.client("s3").get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=f"data/{name}/"
    )  # fmt: skip
    sizes = [item["Size"] for page in pages for item in page.get("Contents", [])]
    if not sizes:
        raise DeployError(
            f"there are no data {name} in the bucket: `bin/deploy upload FOLDER` brings them, and "
            "the folder's name is what --input takes"
        )
    return sum(sizes)


def workers_for(bytes_of_data: int) -> int:
    """Core nodes: none for small data, where one node does all."""
    return 0 if bytes_of_data <= SMALL else 1
