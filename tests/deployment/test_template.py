"""The CloudFormation template: made in moto, and read where moto leaves something out."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from cfnlint import ManualArgs  # type: ignore[import-untyped]
from cfnlint.api import lint_file  # type: ignore[import-untyped]
from cfnlint.decode import cfn_yaml  # type: ignore[import-untyped]

from aws_deployment import costs, versions
from aws_deployment.account import Account
from aws_deployment.emr import request
from aws_deployment.learner_lab import EXISTING_ROLES
from aws_deployment.machine import report
from aws_deployment.resources.stack import TEMPLATE
from tests.deployment.moto_resources import publish_ubuntu
from tests.support import aws

STACK = "recsys-template"
TAGS = [{"Key": "project", "Value": "recsys"}]
EMR_TAG = {"Key": "for-use-with-amazon-emr-managed-policies", "Value": "true"}
OUTPUTS = set(
    "Bucket DatabaseHost DatabasePort DatabaseName DatabaseSecret DatabaseInstance SiteInstance "
    "SiteAddress Vpc Subnet PrimarySecurityGroup CoreSecurityGroup EmrServiceRole EmrProfile "
    "SiteUrl".split()
)
WITHOUT_A_LAB = {"SecurityConfiguration", "ScheduleGroup", "ScheduleRole"}
TEMPLATE_BODY_BYTES = 51_200  # what create_stack takes without a detour by S3

# moto says so for each resource that it leaves out; those are read from the template below.
pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")

Client = Callable[[str], Any]
Create = Callable[..., dict[str, str]]


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return cfn_yaml.load(str(TEMPLATE))


@pytest.fixture
def resources(template: dict[str, Any]) -> Callable[[str], Any]:
    """The properties of a resource, by its name in the template."""
    return lambda name: template["Resources"][name]["Properties"]


@pytest.fixture(scope="module")
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


def roles_of_the_stack(client: Client) -> list[str]:
    names = [role["RoleName"] for role in client("iam").list_roles()["Roles"]]
    return [name for name in names if name.startswith(STACK)]


def group(client: Client, output: str) -> dict[str, Any]:
    found = client("ec2").describe_security_groups(
        Filters=[{"Name": "tag:aws:cloudformation:logical-id", "Values": [output]}]
    )["SecurityGroups"]
    (only,) = [item for item in found if item["GroupName"].startswith(STACK)]
    return only


def statements(template: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every statement of every policy, wherever it stands."""

    def walk(node: Any) -> Iterator[dict[str, Any]]:
        if isinstance(node, dict):
            if "Effect" in node:
                yield node
            for value in node.values():
                yield from walk(value)
        elif isinstance(node, list):
            for value in node:
                yield from walk(value)

    return walk(template["Resources"])


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# As a whole


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


def test_a_lab_has_alarms_but_no_budget_and_no_recovery(create, client, learner_lab):
    create(NotifyEmail="me@example.org", **learner_lab)
    metrics = {one["MetricName"] for one in client("cloudwatch").describe_alarms()["MetricAlarms"]}
    assert metrics == {"FreeStorageSpace", "SiteIsWell", "RunIsFresh"}


def test_nothing_that_a_learner_lab_refuses_is_made_unasked(template):
    refused = ("AWS::IAM::", "AWS::Budgets::")
    for name, resource in template["Resources"].items():
        assert not resource["Type"].startswith(refused) or "Condition" in resource, name
    assert template["Parameters"]["NotifyEmail"]["Default"] == ""


# Network


def test_the_database_is_open_to_the_site_and_the_job_alone(create, client):
    outputs = create()
    (rule,) = group(client, "DatabaseSecurityGroup")["IpPermissions"]
    assert (rule["FromPort"], rule["ToPort"], rule["IpProtocol"]) == (3306, 3306, "tcp")
    assert not rule["IpRanges"] and not rule["Ipv6Ranges"]
    assert {pair["GroupId"] for pair in rule["UserIdGroupPairs"]} == {
        group(client, "SiteSecurityGroup")["GroupId"],
        outputs["PrimarySecurityGroup"],
        outputs["CoreSecurityGroup"],
    }


def test_the_site_is_open_for_the_web_and_for_ssh_only_where_asked(create, client):
    create()
    rules = group(client, "SiteSecurityGroup")["IpPermissions"]
    assert {rule["FromPort"] for rule in rules} == {80, 443}
    client("cloudformation").delete_stack(StackName=STACK)
    create(WebFrom="203.0.113.0/24", SshFrom="203.0.113.7/32", KeyName="vockey")
    rules = group(client, "SiteSecurityGroup")["IpPermissions"]
    assert {(rule["FromPort"], rule["IpRanges"][0]["CidrIp"]) for rule in rules} == {
        (80, "203.0.113.0/24"),
        (443, "203.0.113.0/24"),
        (22, "203.0.113.7/32"),
    }


def test_emr_finds_its_rules_in_place_so_that_the_stack_can_delete_them(create, client):
    outputs = create()
    core, primary = outputs["CoreSecurityGroup"], outputs["PrimarySecurityGroup"]
    for name, other in [("PrimarySecurityGroup", core), ("CoreSecurityGroup", primary)]:
        assert {
            (rule["IpProtocol"], rule["FromPort"], rule["ToPort"], pair["GroupId"])
            for rule in group(client, name)["IpPermissions"]
            for pair in rule["UserIdGroupPairs"]
        } == {
            ("tcp", 0, 65535, other),
            ("udp", 0, 65535, other),
            ("icmp", -1, -1, other),
        }


def test_what_emr_uses_carries_the_tag_of_its_policy_and_the_tags_of_the_stack(create, client):
    outputs = create()
    ec2 = client("ec2")
    wanted = "Vpc Subnet PrimarySecurityGroup CoreSecurityGroup".split()
    found = ec2.describe_tags(
        Filters=[{"Name": "resource-id", "Values": [outputs[name] for name in wanted]}]
    )["Tags"]
    for tag in [EMR_TAG, *TAGS]:
        carriers = {item["ResourceId"] for item in found if item["Key"] == tag["Key"]}
        assert carriers == {outputs[name] for name in wanted}


def test_the_site_and_the_database_share_a_zone(create, client):
    outputs = create(Zones="us-east-1c,us-east-1d")
    (subnet,) = client("ec2").describe_subnets(SubnetIds=[outputs["Subnet"]])["Subnets"]
    (database,) = client("rds").describe_db_instances(
        DBInstanceIdentifier=outputs["DatabaseInstance"]
    )["DBInstances"]
    assert subnet["AvailabilityZone"] == database["AvailabilityZone"] == "us-east-1c"


# Bucket


# moto's CloudFormation makes a plain bucket, and moto denies whatever a policy denies without
# looking at the condition: so these are read.


def test_the_bucket_refuses_what_is_not_encrypted_on_its_way(resources):
    policy = resources("BucketPolicy")
    assert policy["Bucket"] == {"Ref": "Bucket"}
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == [
        {"Fn::GetAtt": ["Bucket", "Arn"]},
        {"Fn::Sub": "${Bucket.Arn}/*"},
    ]


def test_the_bucket_is_private_versioned_and_cleans_up(resources):
    bucket = resources("Bucket")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    rules = {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
    assert all(rule["Status"] == "Enabled" for rule in rules.values())
    assert (rules["logs"]["Prefix"], rules["logs"]["ExpirationInDays"]) == ("logs/", 14)
    assert rules["former-versions"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 7}
    assert rules["broken-uploads"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


# Database


def test_the_database_is_private_encrypted_and_of_a_version_without_extra_cost(create, client):
    (database,) = client("rds").describe_db_instances(
        DBInstanceIdentifier=create()["DatabaseInstance"]
    )["DBInstances"]
    assert not database["PubliclyAccessible"] and not database["MultiAZ"]
    assert database["StorageEncrypted"] and database["CopyTagsToSnapshot"]
    assert database["EngineVersion"] == "8.4" and database["AutoMinorVersionUpgrade"]
    assert (database["StorageType"], database["AllocatedStorage"]) == ("gp2", 20)
    assert (database["BackupRetentionPeriod"], database["MonitoringInterval"]) == (7, 0)


def test_the_database_never_slips_into_extended_support(template, resources):
    database = template["Resources"]["Database"]
    assert (
        database["Properties"]["EngineLifecycleSupport"]
        == "open-source-rds-extended-support-disabled"
    )
    assert database["DeletionPolicy"] == database["UpdateReplacePolicy"] == "Snapshot"
    assert database["Properties"]["VPCSecurityGroups"] == [{"Ref": "DatabaseSecurityGroup"}]
    assert template["Parameters"]["EngineVersion"]["Default"] == versions.MYSQL
    assert resources("DatabaseParameters")["Family"] == f"mysql{versions.MYSQL}"
    assert resources("DatabaseParameters")["Parameters"]["require_secure_transport"] == "1"


def test_the_password_is_in_the_secret_and_nowhere_else(create, client):
    outputs = create()
    text = client("secretsmanager").get_secret_value(SecretId=outputs["DatabaseSecret"])
    secret = json.loads(text["SecretString"])
    assert secret["username"] == "recsys"
    assert len(secret["password"]) == 40 and secret["password"].isalnum()
    cloudformation = client("cloudformation")
    shown = [
        cloudformation.describe_stacks(StackName=STACK),
        cloudformation.describe_stack_resources(StackName=STACK),
        cloudformation.describe_stack_events(StackName=STACK),
        cloudformation.get_template(StackName=STACK),
    ]
    assert secret["password"] not in json.dumps(shown, default=str)


def test_rds_gets_the_password_by_reference(template, resources):
    assert resources("Database")["MasterUserPassword"] == {
        "Fn::Sub": "{{resolve:secretsmanager:${DatabaseSecret}:SecretString:password}}"
    }
    assert not [name for name in template["Parameters"] if "assword" in name]


# Site


def test_the_site_is_a_bare_machine_that_guards_its_role(resources):
    site = resources("SiteInstance")
    assert "UserData" not in site
    assert site["MetadataOptions"]["HttpTokens"] == "required"
    assert site["MetadataOptions"]["HttpPutResponseHopLimit"] == 1
    assert site["CreditSpecification"] == {"CPUCredits": "standard"}
    (disk,) = site["BlockDeviceMappings"]
    assert disk["Ebs"]["Encrypted"] and disk["Ebs"]["VolumeType"] == "gp3"


def test_the_site_keeps_to_an_image_that_is_given(create, client):
    outputs = create(SiteImage="ami-785db401")
    (reservation,) = client("ec2").describe_instances(InstanceIds=[outputs["SiteInstance"]])[
        "Reservations"
    ]
    assert reservation["Instances"][0]["ImageId"] == "ami-785db401"


# Rights


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


def test_emr_may_take_its_role_for_this_account_only(resources):
    (trust,) = resources("EmrServiceRole")["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


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


# What a cluster is started with


def test_a_cluster_is_told_of_instance_metadata_and_of_nothing_that_its_release_lacks(resources):
    settings = resources("SecurityConfiguration")["SecurityConfiguration"]
    assert settings == {
        "InstanceMetadataServiceConfiguration": {
            "MinimumInstanceMetadataServiceVersion": 2,
            "HttpPutResponseHopLimit": 1,
        }
    }


# Mail


def test_one_topic_tells_of_machine_database_site_and_run(create, client, template):
    topic = create(NotifyEmail="me@example.org")["NotifyTopic"]
    (mail,) = client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert (mail["Protocol"], mail["Endpoint"]) == ("email", "me@example.org")
    alarms = client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert {alarm["MetricName"]: alarm["AlarmActions"] for alarm in alarms} == {
        "StatusCheckFailed_System": ["arn:aws:automate:us-east-1:ec2:recover", topic],
        "FreeStorageSpace": [topic],
        "SiteIsWell": [topic],
        "RunIsFresh": [topic],
    }
    own = [alarm["Dimensions"] for alarm in alarms if alarm["Namespace"] == report.NAMESPACE]
    assert own == [[{"Name": "Stack", "Value": STACK}]] * 2


def test_a_run_that_fails_is_told_by_the_names_that_it_bears(create, client):
    create(NotifyEmail="me@example.org")
    (rule,) = client("events").list_rules()["Rules"]
    pattern = json.loads(rule["EventPattern"])
    account = Account(boto3.Session(region_name="us-east-1"), STACK)
    step = request.job_step(account, [], kept=False)
    assert pattern["detail"]["name"] == [step["Name"], f"{STACK}-job"]
    assert "FAILED" in pattern["detail"]["state"]


def test_without_an_address_there_is_no_alarm(create, client):
    assert "NotifyTopic" not in create()
    assert client("cloudwatch").describe_alarms()["MetricAlarms"] == []


def test_a_budget_tells_of_each_quarter_and_of_a_month_that_gets_dear(template, resources):
    assert template["Parameters"]["BudgetUsd"]["Default"] == 20
    assert sum(line.dollars for line in costs.stays()) / costs.MONTHS > 20  # a stack forgotten
    assert [
        (item["Notification"]["NotificationType"], item["Notification"]["Threshold"])
        for item in resources("Budget")["NotificationsWithSubscribers"]
    ] == [("ACTUAL", 25), ("ACTUAL", 50), ("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)]
