"""The logs that a cluster leaves in the bucket, some minutes late."""

import gzip
import re

from aws_deployment.account import Account, DeployError
from aws_deployment.waiting import say, until

MINUTES = 7
"""EMR sends logs to S3 every five minutes."""
TAIL = 15
TELLING = re.compile(
    r"^(error: |Traceback|\w*(\.\w+)*(Error|Exception): |Caused by: |Exception in thread"
    r"|fatal error|ERROR: |.*: command not found|curl: )"
)


def lines_that_matter(account: Account, bucket: str, prefix: str) -> list[str]:
    """The job's own `error:` line if it said one, else those that look like the cause."""
    say("fetching the log; EMR writes it to the bucket some minutes late")
    try:
        texts = until(lambda: read(account, bucket, prefix), what="the log", minutes=MINUTES)
    except DeployError:
        return [f"(no log arrived at s3://{bucket}/{prefix})"]
    return telling("".join(texts.values()).splitlines())


def telling(lines: list[str]) -> list[str]:
    """Lines of a log that say why; the last ones where none looks like it."""
    lines = [line.rstrip() for line in lines if line.strip()]
    own = [line for line in lines if line.startswith("error: ")]
    return own or [line for line in lines if TELLING.match(line)][-TAIL:] or lines[-TAIL:]


def read(account: Account, bucket: str, prefix: str) -> dict[str, str] | None:
    """Key -> text of the logs under the prefix; None where there are none yet."""
    client = account.client("s3")
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    kept = [key for key in keys if key.removesuffix(".gz").endswith(("stdout", "stderr"))]
    texts = {key: client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in kept}
    return {key: _text(content) for key, content in texts.items()} or None


def of_step(cluster: str, step: str) -> str:
    return f"logs/{cluster}/steps/{step}/"


def of_nodes(cluster: str) -> str:
    """Where the bootstrap actions log, among others."""
    return f"logs/{cluster}/node/"


def _text(content: bytes) -> str:
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    return content.decode(errors="replace")
