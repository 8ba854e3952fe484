"""A set-up outlives the agent that started it, and the person who did."""

import boto3
import pytest

from aws_deployment.errors import DeployError
from aws_deployment.resources import remote


@pytest.fixture
def host(cloud):
    return remote.Host(boto3.client("ssm"), "i-1234567890abcdef0")


def test_the_script_goes_on_while_the_commands_that_look_at_it_end(host, site_machine):
    site_machine.runs_for_real()
    assert remote.start(host, "first", "echo one; sleep 2; echo two") == "first"
    assert remote.start(host, "second", "echo never") == "first"
    told: list[str] = []
    remote.follow(host, told.append)
    assert told == ["one", "two"]
    assert remote.start(host, "second", "true") == "second"


def test_a_failing_script_is_told_by_its_last_line(host, site_machine):
    site_machine.says("changed: x\nerror: no such ref\n", status=1)
    remote.start(host, "one", "script")
    with pytest.raises(DeployError, match="the set-up of the site failed: error: no such ref "):
        remote.follow(host, [].append)


def test_looks_that_are_lost_are_taken_again(host, site_machine, clock):
    site_machine.is_at_work("one")
    site_machine.loses = 2
    clock.events = [lambda: None] * 2 + [site_machine.ends]
    told: list[str] = []
    remote.follow(host, told.append)
    assert told == ["half of it", "and a line"]


def test_a_script_that_vanished_is_told_as_such(host, site_machine, clock):
    site_machine.is_at_work("one")
    (site_machine.folder / "active").unlink()
    with pytest.raises(DeployError, match="cut off, perhaps by a restart of the machine"):
        remote.follow(host, [].append)


def test_a_command_that_the_machine_refuses_shows_why(host, site_machine):
    (site_machine.folder / "bin" / "systemd-run").write_text("#!/bin/sh\necho no bus >&2; exit 1\n")
    with pytest.raises(DeployError, match="the machine refused a command: no bus"):
        remote.start(host, "one", "script")
