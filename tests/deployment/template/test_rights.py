"""What the roles of the CloudFormation template may do, and who may take them."""

import json

import pytest

from tests.deployment.template.stack import listed, statements

# moto says so for each resource that it leaves out; those are read from the template below.
pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")


def test_no_policy_allows_everything(template):
    found = list(statements(template))
    assert len(found) > 10
    for statement in found:
        if statement["Effect"] == "Allow":
            # What is made has no name yet: it must be asked for under our tag.
            conditions = statement.get("Condition", {}).get("StringEquals", {})
            ours = {"aws:RequestTag/movie-recommendations", "cloudwatch:namespace"} & set(
                conditions
            )
            assert ours or "*" not in listed(statement.get("Resource", "none")), statement
            assert not any("*" in action for action in listed(statement["Action"])), statement
        else:
            assert statement["Action"] == "s3:*"  # what is not encrypted on its way


def test_the_job_reads_its_own_password_and_the_set_up_all_three(template, resources):
    def readable(policy):
        (statement,) = [one for one in policy["PolicyDocument"]["Statement"]
                        if one["Action"] == "secretsmanager:GetSecretValue"]  # fmt: skip
        return {one["Ref"] for one in listed(statement["Resource"])}

    assert readable(resources("JobPolicy")) == {"JobSecret"}
    secrets = {"DatabaseSecret", "SiteSecret", "JobSecret"}
    assert readable(resources("SiteRole")["Policies"][0]) == secrets
    kinds = {name: one["Type"] for name, one in template["Resources"].items()}
    assert {name for name, kind in kinds.items() if kind.endswith("::Secret")} == secrets


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


def test_emr_may_take_its_role_for_this_account_only(resources):
    (trust,) = resources("EmrServiceRole")["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


def test_the_profile_of_the_nodes_is_called_as_their_role_is(resources, create, client):
    # EMR refuses another one as an invalid instance profile.
    assert resources("EmrProfile")["InstanceProfileName"] == {"Ref": "EmrRole"}
    profile = create()["EmrProfile"]
    found = client("iam").get_instance_profile(InstanceProfileName=profile)["InstanceProfile"]
    assert [role["RoleName"] for role in found["Roles"]] == [profile]


def test_no_role_has_a_fixed_name(template):
    # It would be one stack per account.
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        assert not {"RoleName", "ManagedPolicyName"} & set(properties), name
        assert not isinstance(properties.get("InstanceProfileName"), str), name
