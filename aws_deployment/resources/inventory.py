"""List what we have in the account that costs money or blocks a new start."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from aws_deployment.account import TAG, Account
from aws_deployment.emr import cluster
from aws_deployment.resources import stack


@dataclass(frozen=True)
class Thing:
    """One resource. `note` is its state or size."""

    kind: str
    name: str
    note: str = ""

    def __str__(self) -> str:
        return f"{self.kind:<18} {self.name}  {self.note}".rstrip()


def find(account: Account) -> list[Thing]:
    """Everything with our tag. Each service is asked, because the tag index lags behind."""
    return [thing for look in LOOKS for thing in look(account)]


def _stack(account: Account) -> Iterator[Thing]:
    found = stack.describe(account)
    if found and account.owns(found.get("Tags")):
        yield Thing("stack", account.stack, found["StackStatus"])


def _clusters(account: Account) -> Iterator[Thing]:
    for found in cluster.all_of_ours(account, cluster.ALIVE):
        yield Thing("EMR cluster", found["Id"], found["Status"]["State"])


def _machines(account: Account) -> Iterator[Thing]:
    ec2 = account.client("ec2")
    for page in ec2.get_paginator("describe_instances").paginate(Filters=_tag_filter(account)):
        for machine in (one for group in page["Reservations"] for one in group["Instances"]):
            if machine["State"]["Name"] != "terminated":
                yield Thing("EC2 instance", machine["InstanceId"], machine["State"]["Name"])


def _disks(account: Account) -> Iterator[Thing]:
    for disk in account.client("ec2").describe_volumes(Filters=_tag_filter(account))["Volumes"]:
        yield Thing("disk", disk["VolumeId"], f"{disk['Size']} GB")


def _addresses(account: Account) -> Iterator[Thing]:
    found = account.client("ec2").describe_addresses(Filters=_tag_filter(account))["Addresses"]
    for address in found:
        yield Thing("IPv4 address", address["PublicIp"])


def _networks(account: Account) -> Iterator[Thing]:
    for network in account.client("ec2").describe_vpcs(Filters=_tag_filter(account))["Vpcs"]:
        yield Thing("VPC", network["VpcId"])


def databases(account: Account) -> Iterator[Thing]:
    pages = account.client("rds").get_paginator("describe_db_instances").paginate()
    for database in (one for page in pages for one in page["DBInstances"]):
        if account.owns(database.get("TagList")):
            name, status = database["DBInstanceIdentifier"], database["DBInstanceStatus"]
            yield Thing("database", name, status)


def snapshots(account: Account) -> Iterator[Thing]:
    """Snapshots that outlive their database; automated ones are deleted with it."""
    pages = account.client("rds").get_paginator("describe_db_snapshots").paginate()
    for snapshot in (one for page in pages for one in page["DBSnapshots"]):
        if account.owns(snapshot.get("TagList")) and snapshot["SnapshotType"] == "manual":
            size = f"{snapshot['AllocatedStorage']} GB"
            yield Thing("database snapshot", snapshot["DBSnapshotIdentifier"], size)


def buckets(account: Account) -> Iterator[Thing]:
    """Buckets named after the stack, if they have our tag."""
    s3 = account.client("s3")
    # Without the region this would list all regions, and `down` empties what it finds.
    found = s3.list_buckets(BucketRegion=account.region, Prefix=account.stack)["Buckets"]
    for bucket in found:
        if account.owns(_bucket_tags(s3, bucket)):
            yield Thing("bucket", bucket["Name"])


def _bucket_tags(s3: Any, bucket: dict[str, Any]) -> list[dict[str, str]]:
    try:
        found: dict[str, list[dict[str, str]]] = s3.get_bucket_tagging(Bucket=bucket["Name"])
    except ClientError as error:
        # The list may still have a bucket for a while after its deletion.
        if error.response["Error"]["Code"] in ("NoSuchTagSet", "NoSuchBucket"):
            return []
        raise
    return found["TagSet"]


def _secrets(account: Account) -> Iterator[Thing]:
    pages = account.client("secretsmanager").get_paginator("list_secrets").paginate()
    for secret in (one for page in pages for one in page["SecretList"]):
        if account.owns(secret.get("Tags")):
            yield Thing("secret", secret["Name"])


def _tag_filter(account: Account) -> list[dict[str, Any]]:
    return [{"Name": f"tag:{TAG}", "Values": [account.stack]}]


LOOKS = (
    _stack, _clusters, _machines, _disks, _addresses, databases, snapshots, buckets, _secrets,
    _networks,
)  # fmt: skip
