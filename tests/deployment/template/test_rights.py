"""What the roles of the CloudFormation template may do, and who may take them."""

import json

import pytest

from tests.deployment.template.stack import listed, statements

# moto says so for each resource that it leaves out; those are read from the template below.
pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")


WHOLE_FAMILIES_ALLOWED = {"kms:ReEncrypt*", "kms:GenerateDataKey*"}
"""Allowed actions with an asterisk: as AWS writes them for disks, on the one key."""


def test_no_policy_allows_everything(template):
    found = list(statements(template))
    assert len(found) > 10
    for statement in found:
        if statement["Effect"] == "Allow":
            assert "*" not in listed(statement.get("Resource", "none")), statement
            stars = {action for action in listed(statement["Action"]) if "*" in action}
            assert stars <= WHOLE_FAMILIES_ALLOWED, statement
        else:
            assert statement["Action"] == "s3:*"  # what is not encrypted on its way


def test_the_services_may_take_the_roles_for_this_account_only(resources):
    for role in ("EmrServiceRole", "ServerlessRole"):
        (trust,) = resources(role)["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Condition"]["StringEquals"] == {
            "aws:SourceAccount": {"Ref": "AWS::AccountId"}
        }


def test_emr_may_pass_the_role_of_its_nodes_and_no_other(resources):
    (statement,) = resources("PassEmrRole")["PolicyDocument"]["Statement"]
    assert statement["Action"] == "iam:PassRole"
    assert statement["Resource"] == {"Fn::GetAtt": ["EmrRole", "Arn"]}
    assert statement["Condition"]["StringEquals"] == {"iam:PassedToService": "ec2.amazonaws.com"}


def test_only_the_managed_policies_that_are_meant_are_attached(template):
    attached = json.dumps(
        [
            item.get("Properties", {}).get("ManagedPolicyArns")
            for item in template["Resources"].values()
        ]
    )
    assert attached.count("aws:policy/") == 2
    assert "aws:policy/AmazonSSMManagedInstanceCore" in attached
    assert "aws:policy/service-role/AmazonEMRServicePolicy_v2" in attached


def test_no_role_has_a_name_of_its_own(template):
    # A fixed name would ask for CAPABILITY_NAMED_IAM, and for one stack per account.
    for name, resource in template["Resources"].items():
        names = {"RoleName", "InstanceProfileName", "ManagedPolicyName"}
        assert not names & set(resource.get("Properties", {})), name
