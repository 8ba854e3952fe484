"""The data sets in the bucket, and the size of cluster for one."""

from aws_deployment.account import Account
from aws_deployment.errors import DeployError

SMALL = 100_000_000
"""Bytes of about four million ratings, for which one m4.large is enough: docs/performance.md."""


def size(account: Account, bucket: str, name: str) -> int:
    """Size of a data set. DeployError if it is missing: ten minutes sooner than the job would."""
    pages = account.client("s3").get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=f"data/{name}/"
    )  # fmt: skip
    sizes = [item["Size"] for page in pages for item in page.get("Contents", [])]
    if not sizes:
        raise DeployError(
            f"there are no data {name} in the bucket: `bin/deploy upload FOLDER` uploads them, and "
            "--input takes the folder's name"
        )
    return sum(sizes)


def workers_for(bytes_of_data: int) -> int:
    """Core nodes: none for small data, for which a single node is enough."""
    return 0 if bytes_of_data <= SMALL else 1
