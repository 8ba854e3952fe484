"""The network, bucket, database, machine and clusters of the CloudFormation template."""

import json

import pytest

from aws_deployment import versions
from tests.deployment.template.stack import STACK, TAGS, group

# moto says so for each resource that it leaves out; those are read from the template below.
pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")


EMR_TAG = {"Key": "for-use-with-amazon-emr-managed-policies", "Value": "true"}


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
    parameters = resources("DatabaseParameters")["Parameters"]
    assert (parameters["require_secure_transport"], parameters["local_infile"]) == ("1", "1")


@pytest.mark.parametrize(
    ("output", "user"),
    [("DatabaseSecret", "recsys"), ("SiteSecret", "recsys_site"), ("JobSecret", "recsys_job")],
)
def test_a_password_is_in_its_secret_and_nowhere_else(create, client, output, user):
    outputs = create()
    text = client("secretsmanager").get_secret_value(SecretId=outputs[output])
    secret = json.loads(text["SecretString"])
    assert secret["username"] == user
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


def test_a_cluster_is_told_of_instance_metadata_and_of_nothing_that_its_release_lacks(resources):
    settings = resources("SecurityConfiguration")["SecurityConfiguration"]
    assert settings == {
        "InstanceMetadataServiceConfiguration": {
            "MinimumInstanceMetadataServiceVersion": 2,
            "HttpPutResponseHopLimit": 1,
        }
    }
