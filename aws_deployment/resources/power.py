"""A pause: stop what is billed by the hour, and keep its data.

AWS restarts a stopped database after seven days; nothing can prevent that.
"""

from datetime import datetime, timedelta
from typing import Any

from aws_deployment.account import Account
from aws_deployment.emr import cluster, schedule
from aws_deployment.errors import DeployError
from aws_deployment.resources import alarms, site
from aws_deployment.waiting import say, until

DAYS_STOPPED = timedelta(days=7)
MINUTES = 30
RESUME_FIRST = "the database is {}: `bin/deploy resume` first"


def pause(account: Account, outputs: dict[str, str]) -> None:
    """Stop the database and the machine, and disable nightly runs and alarms."""
    if started := cluster.unfinished(account):
        raise DeployError(f"a run is in progress on {started.cluster}: wait until it ends")
    schedule.pause(account, outputs, paused=True)
    alarms.silence(account, outputs, silent=True)
    if _database(account, outputs)["DBInstanceStatus"] == "available":
        account.client("rds").stop_db_instance(DBInstanceIdentifier=outputs["DatabaseInstance"])
    account.client("ec2").stop_instances(InstanceIds=[outputs["SiteInstance"]])
    again = datetime.now() + DAYS_STOPPED
    say(f"paused. AWS restarts the database on {again:%Y-%m-%d at %H:%M}, and it costs money again")
    say("from then: `bin/deploy pause` again, or `bin/deploy down`. `bin/deploy resume` ends it")


def resume(account: Account, outputs: dict[str, str]) -> None:
    """Start both again, the database first, because the site needs it."""
    if _database(account, outputs)["DBInstanceStatus"] == "stopping":
        say("the database is still stopping: waiting for it")
    until(lambda: _start(account, outputs), what="the database", minutes=MINUTES, every=15)
    site.start_machine(account, outputs["SiteInstance"])
    schedule.pause(account, outputs, paused=False)
    alarms.silence(account, outputs, silent=False)


def require_database(account: Account, outputs: dict[str, str]) -> None:
    """Raise DeployError if the database is not available: ten minutes sooner than the job would."""
    status = _database(account, outputs)["DBInstanceStatus"]
    if status in ("stopped", "stopping"):
        raise DeployError(RESUME_FIRST.format(status))


def _start(account: Account, outputs: dict[str, str]) -> bool | None:
    database = _database(account, outputs)
    if database["DBInstanceStatus"] == "stopped":
        say("starting the database: 5 to 10 minutes")
        account.client("rds").start_db_instance(DBInstanceIdentifier=outputs["DatabaseInstance"])
        return None
    return True if database["DBInstanceStatus"] == "available" else None


def _database(account: Account, outputs: dict[str, str]) -> dict[str, Any]:
    (found,) = account.client("rds").describe_db_instances(
        DBInstanceIdentifier=outputs["DatabaseInstance"]
    )["DBInstances"]
    return dict(found)
