"""The CloudFormation template as a whole: what is made, what is told of it, what is left."""

import pytest
from botocore.exceptions import ClientError
from cfnlint import ManualArgs  # type: ignore[import-untyped]
from cfnlint.api import lint_file  # type: ignore[import-untyped]

from aws_deployment.resources.stack import TEMPLATE
from tests.deployment.template.stack import STACK, roles_of_the_stack

# moto says so for each resource that it leaves out; those are read from the template below.
pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")


OUTPUTS = set(
    "Bucket DatabaseHost DatabasePort DatabaseName DatabaseSecret SiteSecret JobSecret "
    "DatabaseInstance SiteInstance SiteAddress Vpc Subnet PrimarySecurityGroup CoreSecurityGroup "
    "EmrServiceRole EmrProfile SiteUrl".split()
)
WITHOUT_A_LAB = {"SecurityConfiguration", "ScheduleGroup", "ScheduleRole"}
TEMPLATE_BODY_BYTES = 51_200  # what create_stack takes without a detour by S3


def test_the_linter_of_cloudformation_has_nothing_to_say():
    said = lint_file(TEMPLATE, config=ManualArgs(include_checks=["I"]))
    assert [f"{match.rule.id} {match.message}" for match in said] == []


def test_the_template_is_small_enough_to_be_sent_as_it_is():
    assert TEMPLATE.stat().st_size < TEMPLATE_BODY_BYTES


def test_a_stack_has_all_outputs(create):
    outputs = create()
    assert set(outputs) == OUTPUTS | WITHOUT_A_LAB
    assert all(outputs.values())
    assert outputs["DatabaseSecret"].startswith("arn:aws:secretsmanager:")


def test_a_parameter_is_explained_and_checked_and_grouped(template):
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert [name for item in groups for name in item["Parameters"]] == list(template["Parameters"])
    for name, parameter in template["Parameters"].items():
        assert "Description" in parameter and "Default" in parameter, name
        checks = {"AllowedPattern", "AllowedValues", "MinValue"}
        assert checks & set(parameter) or parameter["Type"].startswith("AWS::SSM"), name


def test_a_deleted_stack_leaves_nothing(create, client):
    outputs = create()
    assert roles_of_the_stack(client)
    client("s3").put_object(Bucket=outputs["Bucket"], Key="logs/a", Body=b"")
    client("s3").delete_object(Bucket=outputs["Bucket"], Key="logs/a")
    client("cloudformation").delete_stack(StackName=STACK)
    ec2 = client("ec2")
    (reservation,) = ec2.describe_instances(InstanceIds=[outputs["SiteInstance"]])["Reservations"]
    assert reservation["Instances"][0]["State"]["Name"] == "terminated"
    assert outputs["Vpc"] not in {vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]}
    addresses = ec2.describe_addresses()["Addresses"]
    assert outputs["SiteAddress"] not in {address["PublicIp"] for address in addresses}
    assert roles_of_the_stack(client) == []
    for service, call, argument in [
        ("s3", "head_bucket", {"Bucket": outputs["Bucket"]}),
        ("rds", "describe_db_instances", {"DBInstanceIdentifier": outputs["DatabaseInstance"]}),
        ("secretsmanager", "describe_secret", {"SecretId": outputs["DatabaseSecret"]}),
        ("cloudformation", "describe_stacks", {"StackName": STACK}),
    ]:
        with pytest.raises(ClientError):
            getattr(client(service), call)(**argument)


# Learner Lab


def test_roles_that_exist_are_used_and_none_is_made(create, client, learner_lab):
    outputs = create(**learner_lab)
    assert set(outputs) == OUTPUTS
    assert outputs["EmrServiceRole"] == "EMR_DefaultRole"
    assert outputs["EmrProfile"] == "EMR_EC2_DefaultRole"
    (reservation,) = client("ec2").describe_instances(InstanceIds=[outputs["SiteInstance"]])[
        "Reservations"
    ]
    profile = reservation["Instances"][0]["IamInstanceProfile"]["Arn"]
    assert profile.endswith("/LabInstanceProfile")
    assert roles_of_the_stack(client) == []


def test_nothing_that_a_learner_lab_refuses_is_made_unasked(template):
    refused = ("AWS::IAM::", "AWS::Budgets::", "AWS::CE::")
    for name, resource in template["Resources"].items():
        assert not resource["Type"].startswith(refused) or "Condition" in resource, name
    assert template["Parameters"]["NotifyEmail"]["Default"] == ""
