"""bin/deploy up: what it creates, keeps and finds again."""

import json
import re
import shutil

import boto3
import pytest
from moto.core.exceptions import JsonRESTError

from aws_deployment.account import Account
from aws_deployment.resources import site
from tests.deployment.conftest import backend, make_lab_roles, outputs, resources


def test_up_creates_the_stack_and_sets_the_site_up_through_ssm(is_up, site_machine):
    assert {"Bucket", "Database", "SiteInstance", "SiteAddress"} <= resources()
    commands = boto3.client("ssm").list_commands()["Commands"]
    script = site_machine.script
    assert {one["InstanceIds"][0] for one in commands} == {is_up["SiteInstance"]}
    assert f"--db-secret secretsmanager:{is_up['SiteSecret']}" in script
    assert f"--db-admin-secret secretsmanager:{is_up['DatabaseSecret']}" in script
    assert f"--db-job-secret secretsmanager:{is_up['JobSecret']}" in script
    assert f"--host {is_up['SiteAddress']}" in script
    (bundle,) = boto3.client("s3").list_objects_v2(Bucket=is_up["Bucket"])["Contents"]
    assert bundle["Key"] in script


def test_a_preview_says_what_would_come_and_does_nothing(run_deploy, calls):
    done = run_deploy("up", "--preview")
    assert done.status == 0, done
    assert re.search(r"^Add +Database +AWS::RDS::DBInstance$", done.out, re.M)
    assert "changes to the stack; nothing was done" in done.out
    assert "CreateStack" not in calls
    assert run_deploy("status").out == "there is nothing of recsys in us-east-1\n"


def test_a_preview_of_what_is_there_names_what_would_change(run_deploy, is_up):
    done = run_deploy("up", "--preview", "--parameter", "BackupDays=3")
    assert done.status == 0, done
    assert outputs() == is_up


def test_up_asks_before_it_creates_what_costs_money(run_deploy, monkeypatch):
    done = run_deploy("up")
    assert done.status == 1
    assert "There is no terminal to answer on: add --yes" in done.err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: "no")
    assert run_deploy("up").err == "error: stopped: nothing was changed\n"
    assert boto3.client("cloudformation").list_stacks()["StackSummaries"] == []


def test_up_again_changes_nothing_of_the_stack(run_deploy, is_up, calls):
    done = run_deploy("up", "--yes")
    assert done.status == 0
    assert "the stack matches the template: nothing to change" in done.out
    assert not {"CreateStack", "UpdateStack"} & set(calls)
    assert outputs() == is_up


def test_an_update_keeps_the_other_parameters_and_the_machine(run_deploy, is_up, monkeypatch):
    given = []  # moto cannot carry this update out

    def update(cloudformation, name, parameters, **_):
        given.append({item["ParameterKey"]: item["ParameterValue"] for item in parameters})
        return cloudformation.get_stack(name)

    monkeypatch.setattr(type(backend("cloudformation")), "update_stack", update)
    assert run_deploy("up", "--yes", "--parameter", "BackupDays=3").status == 0
    (machine,) = boto3.client("ec2").describe_instances()["Reservations"][0]["Instances"]
    assert given[0]["BackupDays"] == "3"
    assert given[0]["BudgetUsd"] == "20"
    assert given[0]["SiteImage"] == machine["ImageId"]


@pytest.mark.parametrize("operation", ["CreateStack", "DescribeInstances", "SendCommand"])
def test_up_that_was_interrupted_goes_on(run_deploy, interrupt_after, operation):
    interrupt_after(operation)
    done = run_deploy("up", "--yes")
    assert done.status == 130
    assert "run the same command again to continue" in done.out
    done = run_deploy("up", "--yes")
    assert done.status == 0, done
    assert len(boto3.client("cloudformation").list_stacks()["StackSummaries"]) == 1


def test_up_waits_for_a_creation_that_is_under_way(run_deploy, is_up, clock):
    (stack,) = backend("cloudformation").stacks.values()
    stack.status = "CREATE_IN_PROGRESS"
    clock.events = [lambda: setattr(stack, "status", "CREATE_COMPLETE")]
    done = run_deploy("up", "--yes")
    assert done.status == 0
    assert "the stack is already CREATE_IN_PROGRESS: waiting until that ends" in done.out


def test_up_clears_a_failed_attempt_away_first(run_deploy, is_up):
    (stack,) = backend("cloudformation").stacks.values()
    stack.status = "ROLLBACK_COMPLETE"
    done = run_deploy("up", "--yes")
    assert done.status == 0
    assert "an earlier attempt failed (ROLLBACK_COMPLETE): deleting its remains" in done.out
    assert outputs()["SiteInstance"] != is_up["SiteInstance"]
    (stack,) = boto3.client("cloudformation").describe_stacks(StackName="recsys")["Stacks"]
    given = {item["ParameterKey"]: item["ParameterValue"] for item in stack["Parameters"]}
    # Chosen again, as at the first attempt. (moto tells a list as Python writes it.)
    assert re.findall(r"us-east-1\w", given["Zones"]) == ["us-east-1a", "us-east-1b"]


def test_a_creation_that_never_ends_is_given_up_with_a_remedy(run_deploy, is_up):
    (stack,) = backend("cloudformation").stacks.values()
    stack.status = "CREATE_IN_PROGRESS"
    done = run_deploy("up", "--yes")
    assert done.status == 1
    assert "not after 45 minutes. Run the same command again to keep waiting" in done.err


def test_a_stack_of_somebody_else_is_left_alone(run_deploy):
    template = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
    boto3.client("cloudformation").create_stack(StackName="recsys", TemplateBody=template)
    done = run_deploy("up", "--yes")
    assert done.status == 1
    assert "a stack named recsys exists and is not ours: choose another name" in done.err
    assert "PROBLEM what is there: a stack named recsys" in run_deploy("check").out
    assert run_deploy("down", "--yes").out == "there is nothing of recsys in us-east-1\n"
    assert resources() == {"Queue"}


def test_two_stacks_live_side_by_side(run_deploy, is_up):
    assert run_deploy("--stack", "second", "up", "--yes").status == 0
    assert run_deploy("--stack", "second", "down", "--yes").status == 0
    assert outputs() == is_up


def test_a_learner_lab_gets_its_own_roles(run_deploy):
    make_lab_roles()
    assert run_deploy("--learner-lab", "up", "--yes").status == 0
    assert outputs()["EmrServiceRole"] == "EMR_DefaultRole"
    assert outputs()["EmrProfile"] == "EMR_EC2_DefaultRole"
    assert not any("Role" in name for name in resources())
    assert "SecurityConfiguration" not in outputs()
    secrets = boto3.client("secretsmanager")
    readers = {
        name: set(re.findall(r"role/(\w+)", secrets.get_resource_policy(SecretId=outputs()[name])[
            "ResourcePolicy"]))
        for name in ("DatabaseSecret", "SiteSecret", "JobSecret")
    }  # fmt: skip
    assert readers == {
        "DatabaseSecret": {"LabRole"},
        "SiteSecret": {"LabRole"},
        "JobSecret": {"LabRole", "EMR_EC2_DefaultRole"},
    }


def test_a_lab_that_refuses_the_policy_of_a_secret_gets_a_private_object(
    run_deploy, site_machine, monkeypatch
):
    make_lab_roles()
    monkeypatch.setattr(type(backend("secretsmanager")), "put_resource_policy", refuse)
    done = run_deploy("--learner-lab", "up", "--yes")
    assert done.status == 0, done
    bucket = outputs()["Bucket"]
    for option, file, user in [("--db-secret", "site", "recsys_site"),
                               ("--db-admin-secret", "database", "recsys"),
                               ("--db-job-secret", "job", "recsys_job")]:  # fmt: skip
        assert f"{option} s3:{bucket}/secrets/{file}.json" in site_machine.script
        kept = boto3.client("s3").get_object(Bucket=bucket, Key=f"secrets/{file}.json")
        assert json.load(kept["Body"])["username"] == user


def refuse(*_, **__):
    raise JsonRESTError("AccessDeniedException", "not in a lab")


def test_zones_have_the_types_of_both_machines_and_two_are_needed(run_deploy, monkeypatch):
    offers = [
        {"InstanceType": kind, "Location": f"us-east-1{zone}", "LocationType": "x"}
        for kind, zones in {"t3.small": "bcd", "m4.large": "acd"}.items()
        for zone in zones
    ]
    monkeypatch.setattr(type(backend("ec2")), "describe_instance_type_offerings",
                        lambda *_, **__: offers)  # fmt: skip
    assert run_deploy("up", "--yes", "--parameter", "SiteSize=t3.small").status == 0
    (stack,) = boto3.client("cloudformation").describe_stacks(StackName="recsys")["Stacks"]
    given = {item["ParameterKey"]: item["ParameterValue"] for item in stack["Parameters"]}
    assert re.findall(r"us-east-1\w", given["Zones"]) == ["us-east-1c", "us-east-1d"]
    del offers[-1]
    done = run_deploy("--stack", "second", "up", "--yes", "--parameter", "SiteSize=t3.small")
    assert done.status == 1
    assert "two zones of us-east-1 must offer m4.large and t3.small" in done.err


def test_a_machine_that_was_stopped_is_started(run_deploy, is_up):
    ec2 = boto3.client("ec2")
    ec2.stop_instances(InstanceIds=[is_up["SiteInstance"]])
    assert run_deploy("up", "--yes").status == 0
    (found,) = ec2.describe_instances(InstanceIds=[is_up["SiteInstance"]])["Reservations"]
    assert found["Instances"][0]["State"]["Name"] == "running"


def test_a_set_up_that_failed_shows_what_the_machine_said(run_deploy, is_up, site_machine):
    site_machine.says("changed: packages\nerror: no such ref\n", status=1)
    done = run_deploy("up", "--yes")
    assert done.status == 1
    assert "  changed: packages\n" in done.out
    assert "error: the set-up of the site failed: error: no such ref" in done.err


def test_the_machine_may_borrow_cpu_for_its_set_up_and_for_no_longer(
    run_deploy, is_up, cpu_credits, site_machine, interrupt_after
):
    assert run_deploy("up", "--yes").status == 0
    assert cpu_credits.modes == ["unlimited", "standard"]
    site_machine.says("error: no such ref\n", status=1)
    assert run_deploy("up", "--yes").status == 1
    assert cpu_credits.mode == "standard"
    interrupt_after("SendCommand")
    assert run_deploy("up", "--yes").status == 130
    assert cpu_credits.mode == "standard"


def test_where_it_may_not_the_set_up_takes_longer_and_up_says_so(run_deploy, is_up, cpu_credits):
    cpu_credits.refusal = {"Code": "IncorrectState", "Message": "not in a lab"}
    done = run_deploy("up", "--yes")
    assert done.status == 0, done
    assert "CPU credits stay as they are (not in a lab)" in done.out
    assert cpu_credits.modes == ["unlimited"]


def test_credits_that_nobody_set_back_are_told(run_deploy, is_up, cpu_credits):
    assert "CPU credits" not in run_deploy("status").out
    cpu_credits.modes.append("unlimited")  # and the program was killed
    assert "`bin/deploy up` sets them back" in run_deploy("status").out
    assert run_deploy("up", "--yes").status == 0
    assert "CPU credits" not in run_deploy("status").out


def test_up_follows_the_set_up_of_an_up_that_was_interrupted(
    run_deploy, is_up, site_machine, clock
):
    shutil.rmtree(site_machine.folder / "setup")
    site_machine.is_at_work("another")
    clock.events = [site_machine.ends]
    done = run_deploy("up", "--yes")
    assert done.status == 0, done
    assert "another set-up is in progress: following that one first" in done.out
    assert done.out.index("  and a line") < done.out.index("  changed: 1 in all")


def test_up_fails_where_the_site_is_not_well_after_a_minute(run_deploy, is_up, monkeypatch):
    monkeypatch.setattr(site, "health", lambda _: {"reason": "database_unreachable"})
    done = run_deploy("up", "--yes")
    assert done.status == 1
    assert f"{is_up['SiteUrl']} was set up, but is not well: database_unreachable" in done.err


def test_a_site_with_a_domain_goes_by_it(run_deploy, site_machine):
    words = ["--domain", "movies.example.org", "--email", "me@example.org"]
    assert run_deploy("up", "--yes", *words).status == 0
    assert outputs()["SiteUrl"] == "https://movies.example.org/"
    assert "--domain movies.example.org --email me@example.org" in site_machine.script
    assert "site               https://movies.example.org/" in run_deploy("status").out


@pytest.mark.parametrize("words", [["up", "--domain", "movies.example.org"],
                                   ["up", "--email", "me@example.org"]])  # fmt: skip
def test_domain_and_email_go_together(run_deploy, words):
    done = run_deploy(*words)
    assert done.err == ("error: --domain and --email go together: the certificate needs both\n")


@pytest.mark.parametrize("name", ["Recsys", "1st", "under_score", "a" * 21, "a_"])
def test_a_name_that_no_bucket_can_have_is_refused(run_deploy, name, capsys):
    with pytest.raises(SystemExit) as stopped:
        run_deploy("--stack", name, "status")
    assert stopped.value.code == 2
    assert "a bucket is named after it" in capsys.readouterr().err


def test_the_bundle_is_fetched_from_the_region_of_the_bucket(monkeypatch, tmp_path):
    monkeypatch.setattr("aws_deployment.resources.site.upload_file", lambda *_: None)
    account = Account(boto3.Session("a", "b", region_name="us-west-2"), "recsys")
    address = site.upload_bundle(account, "bucket", "revision")
    assert address.startswith("https://s3.us-west-2.amazonaws.com/bucket/site/revision.bundle?")
