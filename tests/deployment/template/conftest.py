"""The template as it is written, and moto that makes stacks of it."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from cfnlint.decode import cfn_yaml  # type: ignore[import-untyped]

from aws_deployment.learner_lab import EXISTING_ROLES
from aws_deployment.resources.stack import TEMPLATE
from tests.deployment.moto_resources import publish_ubuntu
from tests.deployment.template.stack import STACK, TAGS, Client, Create
from tests.support import aws


@pytest.fixture(scope="package")
def template() -> dict[str, Any]:
    return cfn_yaml.load(str(TEMPLATE))


@pytest.fixture
def resources(template: dict[str, Any]) -> Callable[[str], Any]:
    """The properties of a resource, by its name in the template."""
    return lambda name: template["Resources"][name]["Properties"]


@pytest.fixture(scope="package")
def client() -> Iterator[Client]:
    with aws.moto_server() as endpoint:
        yield lambda service: boto3.client(
            service,
            region_name="us-east-1",
            endpoint_url=endpoint,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )


@pytest.fixture
def create(client: Client) -> Iterator[Create]:
    """Make the stack and give its outputs; it is deleted afterwards."""
    publish_ubuntu()
    cloudformation = client("cloudformation")

    def create(**parameters: str) -> dict[str, str]:
        cloudformation.create_stack(
            StackName=STACK,
            TemplateBody=TEMPLATE.read_text(encoding="utf-8"),
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Tags=TAGS,
        )
        (stack,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        return {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}

    yield create
    cloudformation.delete_stack(StackName=STACK)


@pytest.fixture
def learner_lab(client: Client) -> Iterator[dict[str, str]]:
    iam = client("iam")
    iam.create_instance_profile(InstanceProfileName="LabInstanceProfile")
    yield EXISTING_ROLES
    iam.delete_instance_profile(InstanceProfileName="LabInstanceProfile")
