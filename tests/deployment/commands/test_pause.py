"""bin/deploy pause, resume and restore."""

import re
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from aws_deployment.emr import schedule
from tests.deployment.conftest import backend, outputs
from tests.deployment.emr import Emr


def database(name):
    (found,) = boto3.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    return found


def machine(is_up):
    (found,) = boto3.client("ec2").describe_instances(InstanceIds=[is_up["SiteInstance"]])[
        "Reservations"
    ]
    return found["Instances"][0]["State"]["Name"]


def test_a_pause_stops_what_costs_by_the_hour_and_says_until_when(run_deploy, is_up):
    done = run_deploy("pause")
    assert done.status == 0, done
    week = datetime.now() + timedelta(days=7)
    assert f"AWS restarts the database on {week:%Y-%m-%d}" in done.out
    assert database(is_up["DatabaseInstance"])["DBInstanceStatus"] == "stopped"
    assert machine(is_up) == "stopped"
    assert run_deploy("pause").status == 0
    done = run_deploy("resume")
    assert done.status == 0, done
    assert database(is_up["DatabaseInstance"])["DBInstanceStatus"] == "available"
    assert machine(is_up) == "running"


def test_neither_a_night_nor_an_alarm_notices_a_pause(run_deploy, clock):
    assert run_deploy("up", "--yes", "--notify", "me@example.org").status == 0
    bucket = outputs()["Bucket"]
    boto3.client("s3").put_object(Bucket=bucket, Key="data/ml-latest-small/ratings.csv", Body=b"x")
    Emr(clock).then("TERMINATING", "COMPLETED")
    assert run_deploy("run").status == 0
    assert run_deploy("schedule", "03:00").status == 0
    actions = [True, False, True]
    for words in ([], ["pause"], ["resume"]):
        assert not words or run_deploy(*words).status == 0
        alarms = boto3.client("cloudwatch").describe_alarms()["MetricAlarms"]
        expected = actions.pop(0)
        assert {alarm["ActionsEnabled"] for alarm in alarms} == {expected}
        night = boto3.client("scheduler").get_schedule(
            Name=schedule.NAME, GroupName=outputs()["ScheduleGroup"]
        )
        assert night["State"] == ("ENABLED" if expected else "DISABLED")


def test_a_run_during_a_pause_is_refused_before_it_costs(run_deploy, with_data, calls):
    assert run_deploy("pause").status == 0
    done = run_deploy("run")
    assert done.err == "error: the database is stopped: `bin/deploy resume` first\n"
    assert "RunJobFlow" not in calls


def test_a_restore_takes_the_old_name_and_all_that_the_old_one_had(run_deploy, is_up, after):
    name = is_up["DatabaseInstance"]
    before = database(name)
    after("ModifyDBInstance", backend("rds").database_snapshots.clear)
    done = run_deploy("restore", "--to", "latest", "--yes")
    assert done.status == 0, done
    restored = database(name)
    kept = ("DBInstanceClass", "DBSubnetGroup", "VpcSecurityGroups", "PubliclyAccessible",
            "MultiAZ", "CopyTagsToSnapshot")  # fmt: skip
    assert {key: restored[key] for key in kept} == {key: before[key] for key in kept}
    assert restored["DBInstanceIdentifier"] != database(f"{name}-broken")["DBInstanceIdentifier"]
    assert f"{name}-broken costs as much as the new one" in done.out
    assert re.search(f"^database +{name}-broken", run_deploy("status").out, re.M)
    again = run_deploy("restore", "--to", "latest", "--yes")
    assert f"was already restored, and {name}-broken still exists" in again.err


def test_down_takes_along_what_a_restore_moved_aside(run_deploy, is_up):
    boto3.client("rds").create_db_instance(
        DBInstanceIdentifier=f"{is_up['DatabaseInstance']}-broken", Engine="mysql",
        DBInstanceClass="db.t4g.micro", Tags=[{"Key": "movie-recommendations", "Value": "recsys"}],
    )  # fmt: skip
    assert run_deploy("down", "--yes").status == 0
    assert boto3.client("rds").describe_db_instances()["DBInstances"] == []


def test_a_restore_that_was_interrupted_goes_on(run_deploy, is_up, interrupt_after):
    interrupt_after("ModifyDBInstance")
    assert run_deploy("restore", "--to", "latest", "--yes").status == 130
    backend("rds").database_snapshots.clear()  # moto's would have the same name, by the minute
    assert run_deploy("restore", "--to", "latest", "--yes").status == 0
    names = {one["DBInstanceIdentifier"]
             for one in boto3.client("rds").describe_db_instances()["DBInstances"]}  # fmt: skip
    assert names == {is_up["DatabaseInstance"], f"{is_up['DatabaseInstance']}-broken"}


def test_a_time_after_the_last_backup_is_refused_before_anything_is_moved(run_deploy, is_up, calls):
    later = datetime.now(UTC) + timedelta(days=1)
    done = run_deploy("restore", "--to", later.isoformat(timespec="minutes"), "--yes")
    assert done.status == 1
    assert "is later than the last backup" in done.err
    assert "ModifyDBInstance" not in calls


def test_a_time_that_makes_no_sense_is_refused(run_deploy, capsys):
    with pytest.raises(SystemExit):
        run_deploy("restore", "--to", "yesterday")
    assert "'yesterday' is neither a time such as 2026-11-22T08:00" in capsys.readouterr().err
