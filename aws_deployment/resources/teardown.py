"""Delete everything of ours, and verify that it is gone."""

from typing import Any

from botocore.exceptions import ClientError

from aws_deployment.account import Account
from aws_deployment.emr import cluster
from aws_deployment.errors import DeployError
from aws_deployment.resources import inventory, stack
from aws_deployment.waiting import confirm, say, until

MINUTES = 30


def tear_down(account: Account, *, keep_snapshot: bool, yes: bool) -> None:
    """Show what exists, ask, delete it, verify. DeployError names what remains."""
    things = inventory.find(account)
    if not things:
        say(f"there is nothing of {account.stack} in {account.region}")
        return
    say("this will be deleted, with all data in it:")
    for thing in things:
        say(f"  {thing}")
    kept = "a last snapshot of the database is kept" if keep_snapshot else "no snapshot is kept"
    confirm(f"{kept}.", answer=account.stack, yes=yes)
    _delete(account, keep_snapshot=keep_snapshot)
    _verify(account, keep_snapshot=keep_snapshot)


def _delete(account: Account, *, keep_snapshot: bool) -> None:
    outputs = stack.outputs_of(stack.ours(account) or {})
    _end_clusters(account)
    _delete_databases_aside(account, outputs)
    for name in ("PrimarySecurityGroup", "CoreSecurityGroup"):
        if name in outputs:
            _revoke_all(account, outputs[name])
    try:
        _delete_stack(account)
    except DeployError as error:
        say(f"{error}\ntrying again")  # a cluster's last logs may still arrive in the bucket
        _delete_stack(account)
    if not keep_snapshot:
        _delete_snapshots(account)


def _delete_databases_aside(account: Account, outputs: dict[str, str]) -> None:
    """Delete databases that a restore renamed: they are not in the stack."""
    for database in inventory.databases(account):
        if database.name != outputs.get("DatabaseInstance") and database.note != "deleting":
            say(f"deleting {database.name}")
            account.client("rds").delete_db_instance(
                DBInstanceIdentifier=database.name, SkipFinalSnapshot=True
            )


def _delete_stack(account: Account) -> None:
    for bucket in inventory.buckets(account):
        empty_bucket(account, bucket.name)
    stack.delete(account)


def _end_clusters(account: Account) -> None:
    alive = [found["Id"] for found in cluster.all_of_ours(account, cluster.ALIVE)]
    if not alive:
        return
    say(f"ending {', '.join(alive)}")
    emr = account.client("emr")
    emr.terminate_job_flows(JobFlowIds=alive)
    states = [*cluster.ALIVE, "TERMINATING"]
    until(
        lambda: None if any(cluster.all_of_ours(account, states)) else True,
        what="the end of the clusters", minutes=MINUTES,
    )  # fmt: skip


def empty_bucket(account: Account, bucket: str) -> None:
    """Delete every version of every object, and unfinished uploads."""
    say(f"emptying {bucket}")
    s3 = account.client("s3")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
        if objects:
            _delete_objects(s3, bucket, objects)
    for upload in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []):
        s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])


def _delete_objects(s3: Any, bucket: str, objects: list[dict[str, str]]) -> None:
    done = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
    if errors := done.get("Errors"):
        raise DeployError(f"cannot delete {errors[0]['Key']} from {bucket}: {errors[0]['Message']}")


def _revoke_all(account: Account, group: str) -> None:
    """Revoke the rules that EMR added: they refer to the other group, and block its deletion."""
    ec2 = account.client("ec2")
    try:
        (found,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "InvalidGroup.NotFound":
            return  # an earlier attempt got further
        raise
    if found["IpPermissions"]:
        ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=found["IpPermissions"])


def _delete_snapshots(account: Account) -> None:
    for snapshot in inventory.snapshots(account):
        say(f"deleting {snapshot.name}")
        account.client("rds").delete_db_snapshot(DBSnapshotIdentifier=snapshot.name)


def _verify(account: Account, *, keep_snapshot: bool) -> None:
    def gone() -> bool | None:
        return None if _left(account, keep_snapshot=keep_snapshot) else True

    try:
        until(gone, what="everything to be gone", minutes=5)
    except DeployError as error:
        left = "".join(f"\n  {thing}" for thing in _left(account, keep_snapshot=keep_snapshot))
        raise DeployError(
            f"this still exists and may cost money:{left}\nRun `bin/deploy down` again; delete "
            "what remains by hand in the console"
        ) from error
    say("verified: nothing that costs money is left")
    for snapshot in inventory.snapshots(account):
        say(f"  but {snapshot}, at $0.095 per GB and month of what is in it")


def _left(account: Account, *, keep_snapshot: bool) -> list[inventory.Thing]:
    return [
        thing
        for thing in inventory.find(account)
        if not (keep_snapshot and thing.kind == "database snapshot")
    ]
