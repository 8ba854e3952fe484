"""The logs that a cluster leaves in the bucket, some minutes late."""

import gzip
import re
from datetime import datetime

from aws_deployment.account import Account
from aws_deployment.errors import DeployError
from aws_deployment.waiting import say, until

MINUTES = 7
"""EMR sends logs to S3 every five minutes."""
TAIL = 15
TELLING = re.compile(
    r"^(error: |Traceback|\w*(\.\w+)*(Error|Exception): |Caused by: |Exception in thread"
    r"|fatal error|ERROR: |.*: command not found|curl: )"
)


def lines_that_matter(
    account: Account, bucket: str, prefix: str, *, since: datetime | None = None
) -> list[str]:
    """The job's own `error:` line if there is one, else those that look like the cause.

    `since` is when the step ended: logs written before may lack the last lines.
    """
    say("fetching the log; EMR writes it to the bucket some minutes late")

    def look() -> dict[str, str] | None:
        return read(account, bucket, prefix, since=since)

    try:
        texts = until(look, what="the log", minutes=MINUTES)
    except DeployError:
        texts = read(account, bucket, prefix) or {}
    lines = telling("\n".join(texts.values()).splitlines())
    return lines or [f"(no log arrived at s3://{bucket}/{prefix})"]


def telling(lines: list[str]) -> list[str]:
    """Lines of a log that give a reason, else the last ones."""
    lines = [line.rstrip() for line in lines if line.strip()]
    own = [line for line in lines if line.startswith("error: ")]
    return own or [line for line in lines if TELLING.match(line)][-TAIL:] or lines[-TAIL:]


def read(
    account: Account, bucket: str, prefix: str, *, since: datetime | None = None
) -> dict[str, str] | None:
    """Key -> text of the logs under the prefix; None if none was written since then."""
    client = account.client("s3")
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    found = [item for page in pages for item in page.get("Contents", []) if _is_shown(item["Key"])]
    if not any(since is None or item["LastModified"] >= since for item in found):
        return None
    keys = [item["Key"] for item in found]
    return {key: _text(client.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys}


def _is_shown(key: str) -> bool:
    of_a_node = "/node/" in key and "/bootstrap-actions/" not in key
    return key.removesuffix(".gz").endswith(("stdout", "stderr")) and not of_a_node


def of_step(cluster: str, step: str) -> str:
    return f"logs/{cluster}/steps/{step}/"


def of_nodes(cluster: str) -> str:
    """The prefix of the nodes' logs, such as those of bootstrap actions."""
    return f"logs/{cluster}/node/"


def _text(content: bytes) -> str:
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    return content.decode(errors="replace")
