"""bin/deploy schedule: the nights start the very cluster that `run` starts."""

import json
import re
import shlex
import subprocess
import sys

import boto3
import botocore.session
import pytest
from botocore.validate import validate_parameters

from aws_deployment.emr import schedule
from tests.deployment.conftest import make_lab_roles, outputs, put_data
from tests.deployment.emr import Emr
from tests.support.targets import ROOT


@pytest.fixture
def has_run(run_deploy, clock, with_data):
    Emr(clock).then("TERMINATING", "COMPLETED")
    done = run_deploy("run", "--", "--min-ratings", "20")
    assert done.status == 0, done
    return with_data


def scheduled():
    return boto3.client("scheduler").get_schedule(
        Name=schedule.NAME, GroupName=outputs()["ScheduleGroup"]
    )


def test_a_night_asks_emr_for_what_a_run_asks(run_deploy, clock, with_data, requests):
    Emr(clock).then("TERMINATING", "COMPLETED")
    options = ["--spot", "--workers", "2"]
    assert run_deploy("run", *options, "--", "--min-ratings", "20").status == 0
    words = ["03:05", "--timezone", "Asia/Shanghai", *options, "--job", "--min-ratings 20"]
    done = run_deploy("schedule", *words)
    assert done.status == 0, done
    assert "nightly run        every day at 03:05 Asia/Shanghai\n" in done.out
    (of_the_run,) = [asked for name, asked in requests if name == "RunJobFlow"]
    found = scheduled()
    assert json.loads(found["Target"]["Input"]) == of_the_run
    assert found["Target"]["Arn"] == "arn:aws:scheduler:::aws-sdk:emr:runJobFlow"
    assert found["Target"]["RoleArn"] == outputs()["ScheduleRole"]
    assert found["Target"]["RetryPolicy"]["MaximumRetryAttempts"] == 0
    assert found["ScheduleExpression"] == "cron(5 3 * * ? *)"
    assert found["ScheduleExpressionTimezone"] == "Asia/Shanghai"


def test_the_admins_page_starts_the_cluster_of_the_night(run_deploy, has_run):
    """The command that docs/admin.md gives for START_RUN_COMMAND."""
    assert run_deploy("schedule", "03:00").status == 0
    page = (ROOT / "docs" / "admin.md").read_text(encoding="utf-8")
    line = re.search(r"^START_RUN_COMMAND=(\.venv.*)$", page, re.MULTILINE)[1]
    _python, *words = shlex.split(line.replace("'GROUP'", f"'{outputs()['ScheduleGroup']}'"))
    before = {one["Id"] for one in boto3.client("emr").list_clusters()["Clusters"]}
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True)
    (started,) = (
        one for one in boto3.client("emr").list_clusters()["Clusters"] if one["Id"] not in before
    )
    assert done.stdout == f"cluster {started['Id']}\n"
    assert started["Name"] == json.loads(scheduled()["Target"]["Input"])["Name"]


def test_emr_knows_every_word_of_what_it_is_asked_for(run_deploy, has_run):
    assert run_deploy("schedule", "03:00").status == 0
    asked = json.loads(scheduled()["Target"]["Input"])
    model = botocore.session.get_session().get_service_model("emr")
    validate_parameters(asked, model.operation_model("RunJobFlow").input_shape)


def test_a_schedule_is_shown_changed_and_removed(run_deploy, has_run):
    assert run_deploy("schedule").out == "nightly run        none\n"
    assert run_deploy("schedule", "03:00").status == 0
    assert run_deploy("schedule", "04:30", "--timezone", "Europe/Berlin").status == 0
    assert "nightly run        every day at 04:30 Europe/Berlin" in run_deploy("status").out
    assert run_deploy("schedule", "off").out == "no more\nnightly run        none\n"
    assert run_deploy("schedule", "off").out.startswith("there was none\n")


def test_it_is_off_by_default_and_a_run_comes_first(run_deploy, with_data):
    assert "nightly run" not in run_deploy("status").out
    done = run_deploy("schedule", "03:00")
    assert done.status == 1
    assert "`bin/deploy run` first" in done.err


def test_what_a_night_finds_is_what_the_last_run_brought(run_deploy, has_run):
    assert run_deploy("schedule", "03:00").status == 0
    text = scheduled()["Target"]["Input"]
    s3 = boto3.client("s3")
    prefix = f"s3://{has_run['Bucket']}/"
    asked = json.loads(text)
    words = [
        *asked["Steps"][0]["HadoopJarStep"]["Args"],
        *asked["BootstrapActions"][0]["ScriptBootstrapAction"]["Args"],
        asked["BootstrapActions"][0]["ScriptBootstrapAction"]["Path"],
    ]
    files = [word.removeprefix(prefix) for word in words if word.startswith(f"{prefix}jobs/")]
    assert len(files) == 6
    for key in files:
        s3.head_object(Bucket=has_run["Bucket"], Key=key)


def test_up_lets_the_nights_of_an_earlier_version_use_the_job_s_own_password(run_deploy, has_run):
    assert run_deploy("schedule", "03:00", "--timezone", "Asia/Tokyo").status == 0
    found = scheduled()
    before = found["Target"]["Input"]
    old = before.replace(has_run["JobSecret"], has_run["DatabaseSecret"])
    assert old != before
    kept = ("Name", "GroupName", "ScheduleExpression", "ScheduleExpressionTimezone", "State",
            "FlexibleTimeWindow")  # fmt: skip
    boto3.client("scheduler").update_schedule(
        **{name: found[name] for name in kept}, Target=found["Target"] | {"Input": old}
    )
    assert (
        "from now on the nightly run uses the database as the job's own user"
        in run_deploy("up", "--yes").out
    )
    assert scheduled()["Target"]["Input"] == before
    assert scheduled()["ScheduleExpressionTimezone"] == "Asia/Tokyo"
    assert "own user" not in run_deploy("up", "--yes").out


def test_down_takes_the_schedule_along(run_deploy, has_run):
    assert run_deploy("schedule", "03:00").status == 0
    assert run_deploy("down", "--yes").status == 0
    assert boto3.client("scheduler").list_schedules()["Schedules"] == []


def test_a_lab_has_no_nights(run_deploy):
    make_lab_roles()
    assert run_deploy("--learner-lab", "up", "--yes").status == 0
    put_data(outputs()["Bucket"])
    done = run_deploy("schedule", "03:00")
    assert done.status == 1
    assert "error: a Learner Lab does not allow the role" in done.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["25:00"], "'25:00' is neither a time such as 03:00 nor off"),
        (["03:00", "--timezone", "Shanghai"], "'Shanghai' is not a time zone"),
    ],
)
def test_a_time_that_makes_no_sense_is_refused(run_deploy, words, told, capsys):
    with pytest.raises(SystemExit):
        run_deploy("schedule", *words)
    assert told in capsys.readouterr().err
