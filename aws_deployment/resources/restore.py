"""Restore the database to a point in time: RDS makes a new instance from its backups.

The address follows the name. So the old instance is renamed and the new one takes its name:
password, settings and the stack stay as they are. Each step checks what exists, so an interrupted
restore continues.
"""

from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from aws_deployment.account import Account
from aws_deployment.errors import DeployError
from aws_deployment.waiting import say, say_when, until

ASIDE = "-broken"
MINUTES = 60


def restore(account: Account, name: str, moment: datetime | None) -> str:
    """Restore to `moment`, None for the latest. Return the name of the old instance."""
    aside = f"{name}{ASIDE}"
    old, new = _find(account, aside), _find(account, name)
    if old and new and new["DBInstanceStatus"] == "available":
        raise DeployError(
            f"{name} was already restored, and {aside} still exists: to restore again, "
            "delete that one first (RDS, Databases, Actions, Delete)"
        )
    if not old:
        old = _moved_aside(account, new, name, moment)
    if not _find(account, name):
        say_when(f"restoring {name} from the backups of {aside}: 10 to 30 minutes")
        account.client("rds").restore_db_instance_to_point_in_time(
            **_like(account, old), TargetDBInstanceIdentifier=name, **_at(moment)
        )
    _available(account, name)
    return aside


def read_moment(text: str) -> datetime | None:
    """Parse an ISO time, UTC unless it has a zone; None for `latest`. ValueError for others."""
    if text == "latest":
        return None
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _moved_aside(
    account: Account, old: dict[str, Any] | None, name: str, moment: datetime | None
) -> dict[str, Any]:
    if not old:
        raise DeployError(f"there is no database {name}: `bin/deploy status` shows what there is")
    if old["DBInstanceStatus"] != "renaming":  # by an interrupted restore
        _check(old, moment)
        say_when(f"renaming {name} to {name}{ASIDE}: the site is down from now on")
        account.client("rds").modify_db_instance(
            DBInstanceIdentifier=name,
            NewDBInstanceIdentifier=f"{name}{ASIDE}",
            ApplyImmediately=True,
        )
    return _available(account, f"{name}{ASIDE}")


def _at(moment: datetime | None) -> dict[str, Any]:
    return {"RestoreTime": moment} if moment else {"UseLatestRestorableTime": True}


def _check(old: dict[str, Any], moment: datetime | None) -> None:
    if old["DBInstanceStatus"] != "available":
        raise DeployError(
            f"the database is {old['DBInstanceStatus']}: wait until that ends; if it is "
            "stopped, `bin/deploy resume`"
        )
    if not old.get("BackupRetentionPeriod"):
        raise DeployError("RDS keeps no backups of this database (BackupDays is 0)")
    latest = old.get("LatestRestorableTime")
    if moment and latest and moment > latest:
        raise DeployError(
            f"{moment:%Y-%m-%d %H:%M} UTC is later than the last backup, {latest:%Y-%m-%d %H:%M} "
            "UTC: give an earlier time, or --to latest"
        )


def _available(account: Account, name: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found = _find(account, name)
        return found if found and found["DBInstanceStatus"] == "available" else None

    return until(look, what=name, minutes=MINUTES, every=15)


def _find(account: Account, name: str) -> dict[str, Any] | None:
    try:
        (found,) = account.client("rds").describe_db_instances(DBInstanceIdentifier=name)[
            "DBInstances"
        ]
    except ClientError as error:
        if error.response["Error"]["Code"] in ("DBInstanceNotFound", "DBInstanceNotFoundFault"):
            return None
        raise
    return dict(found)


def _like(account: Account, old: dict[str, Any]) -> dict[str, Any]:
    """Settings that RDS would otherwise reset: no access for the site, and TLS not required."""
    return {
        "SourceDBInstanceIdentifier": old["DBInstanceIdentifier"],
        "DBInstanceClass": old["DBInstanceClass"],
        "AvailabilityZone": old["AvailabilityZone"],
        "DBSubnetGroupName": old["DBSubnetGroup"]["DBSubnetGroupName"],
        "VpcSecurityGroupIds": [one["VpcSecurityGroupId"] for one in old["VpcSecurityGroups"]],
        "DBParameterGroupName": old["DBParameterGroups"][0]["DBParameterGroupName"],
        "PubliclyAccessible": False,
        "MultiAZ": False,
        "EngineLifecycleSupport": "open-source-rds-extended-support-disabled",
        "CopyTagsToSnapshot": True,
        "Tags": account.tags,
    }


def tell_of_the_old(aside: str) -> None:
    say(f"{aside} costs as much as the new one: when all is well delete it under RDS, Databases,")
    say("Actions, Delete (`bin/deploy down` deletes it, too)")
