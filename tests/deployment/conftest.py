"""What the tests of the deployment share: an AWS of moto's, and a clock that they wind."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import botocore.loaders
import pytest
from botocore.client import BaseClient
from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID

from aws_deployment import deploy, waiting
from aws_deployment.account import Account
from tests.deployment import machine_behind_ssm, moto_account, moto_resources
from tests.support import aws

REGION = "us-east-1"
CERTIFICATES = Path(__file__).with_name("certificate.pem").as_uri()


@dataclass
class Clock:
    """Time that passes only when somebody waits; each wait lets the next thing happen."""

    now: float = 0.0
    events: list[Callable[[], Any]] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.events:
            self.events.pop(0)()


@dataclass
class Outcome:
    status: int
    out: str
    err: str


@pytest.fixture(scope="module")
def endpoint():
    with aws.moto_server() as endpoint:
        yield endpoint


@pytest.fixture(scope="session", autouse=True)
def one_loader():
    """boto3 reads megabytes of JSON for every session: the tests have many sessions."""
    create = botocore.loaders.create_loader
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.loaders, "create_loader", functools.cache(create))
        yield


@pytest.fixture
def cloud(endpoint, monkeypatch):
    """An empty account, and the environment that leads to it."""
    aws.post(endpoint, "reset")
    for name in aws.FOREIGN:
        monkeypatch.delenv(name, raising=False)
    for name, value in aws.environment(endpoint).items():
        monkeypatch.setenv(name, value)
    moto_resources.publish_ubuntu()
    moto_account.offer_mysql(monkeypatch)
    moto_account.pass_tags_on(monkeypatch)
    moto_account.change_credits(monkeypatch)
    monkeypatch.setattr("aws_deployment.emr.truststore.certificates", lambda _: CERTIFICATES)
    # Nobody answers at the addresses that moto gives out.
    monkeypatch.setattr("aws_deployment.resources.site.health", lambda _: {"reason": "no_run"})
    return endpoint


@pytest.fixture
def cpu_credits(cloud, monkeypatch):
    return moto_account.change_credits(monkeypatch)


@pytest.fixture(name="site_machine")
def put_machine_behind_ssm(monkeypatch, tmp_path_factory):
    return machine_behind_ssm.put_behind_ssm(monkeypatch, tmp_path_factory.mktemp("machine"))


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(waiting, "time", clock)
    return clock


@pytest.fixture
def account(cloud):
    return Account(boto3.Session(region_name=REGION), "recsys")


@pytest.fixture
def run_deploy(cloud, clock, capsys, site_machine):
    """bin/deploy in this process."""

    def run(*words: str) -> Outcome:
        capsys.readouterr()
        status = deploy.main(list(words))
        return Outcome(status, *capsys.readouterr())

    return run


def backend(service: str) -> Any:
    """moto's own memory of a service."""
    return get_backend(service)[DEFAULT_ACCOUNT_ID][REGION]


@pytest.fixture
def requests(monkeypatch):
    """(operation, arguments) of all that boto3 was asked for."""
    seen: list[tuple[str, Any]] = []
    _wrap_calls(monkeypatch, lambda *request: seen.append(request))
    return seen


@pytest.fixture
def calls(monkeypatch):
    """The operations that boto3 was asked for, by name."""
    seen: list[str] = []
    _wrap_calls(monkeypatch, lambda name, _: seen.append(name))
    return seen


@pytest.fixture
def after(monkeypatch):
    """Do something when an operation has been carried out for the nth time."""

    def arm(operation: str, act: Callable[[], Any], times: int = 1) -> None:
        left = [times]

        def look(name: str, _: Any) -> None:
            left[0] -= name == operation
            if name == operation and left[0] == 0:
                act()

        _wrap_calls(monkeypatch, look)

    return arm


@pytest.fixture
def interrupt_after(after):
    """Press Ctrl-C when an operation has been carried out for the nth time."""

    def press() -> None:
        raise KeyboardInterrupt

    return lambda operation, times=1: after(operation, press, times)


def _wrap_calls(monkeypatch: pytest.MonkeyPatch, then: Callable[[str, Any], None]) -> None:
    call = BaseClient._make_api_call

    def wrapped(client: BaseClient, operation: str, arguments: Any) -> Any:
        answer = call(client, operation, arguments)
        then(operation, arguments)
        return answer

    monkeypatch.setattr(BaseClient, "_make_api_call", wrapped)


@pytest.fixture
def is_up(run_deploy):
    done = run_deploy("up", "--yes")
    assert done.status == 0, done
    return outputs()


@pytest.fixture
def with_data(is_up):
    """The stack, and a small data set in its bucket."""
    put_data(is_up["Bucket"])
    return is_up


def put_data(bucket: str) -> None:
    boto3.client("s3").put_object(
        Bucket=bucket, Key="data/ml-latest-small/ratings.csv", Body=b"userId\n"
    )


def resources(stack="recsys"):
    found = boto3.client("cloudformation").list_stack_resources(StackName=stack)
    return {one["LogicalResourceId"] for one in found["StackResourceSummaries"]}


def outputs(stack="recsys"):
    (found,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {item["OutputKey"]: item["OutputValue"] for item in found["Outputs"]}


def make_lab_roles():
    iam = boto3.client("iam")
    for role in ("LabRole", "EMR_EC2_DefaultRole", "EMR_DefaultRole"):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
    for name, role in {"LabInstanceProfile": "LabRole"}.items() | {("EMR_EC2_DefaultRole",) * 2}:
        iam.create_instance_profile(InstanceProfileName=name)
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role)
