"""What moto's CloudFormation leaves out, so that a stack in moto has it too, and goes again.

moto finds every subclass of CloudFormationModel: importing this module is enough.
"""

import json

from moto.cloudwatch.models import cloudwatch_backends
from moto.core.common_models import CloudFormationModel
from moto.ec2.models import ec2_backends
from moto.ec2.models.elastic_ip_addresses import ElasticAddress
from moto.ec2.models.internet_gateways import InternetGateway
from moto.ec2.models.route_tables import RouteTable
from moto.ec2.models.vpcs import VPCEndPoint
from moto.rds.models import DBParameterGroup
from moto.scheduler.models import scheduler_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.ssm.models import ssm_backends

ACCOUNT = "123456789012"
UBUNTU = "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"
AMAZON_LINUX = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"


def publish_ubuntu(region: str = "us-east-1") -> str:
    """moto knows the public parameters of Amazon Linux only: give Canonical's name to its image."""
    parameters = ssm_backends[ACCOUNT][region]._parameters
    parameters[UBUNTU] = parameters[AMAZON_LINUX]
    return str(parameters[UBUNTU][-1].value)


# A Ref to it gives moto the group itself, where the instance wants its name.
DBParameterGroup.physical_resource_id = DBParameterGroup.name


def delete_route_table(table: RouteTable, account_id: str, region_name: str) -> None:
    table._associations.clear()
    ec2_backends[account_id][region_name].delete_route_table(table.id)


def release_address(address: ElasticAddress, account_id: str, region_name: str) -> None:
    ec2_backends[account_id][region_name].release_address(allocation_id=address.allocation_id)


def delete_endpoint(endpoint: VPCEndPoint, account_id: str, region_name: str) -> None:
    ec2_backends[account_id][region_name].vpc_end_points.pop(endpoint.id)


def delete_gateway(gateway: InternetGateway, account_id: str, region_name: str) -> None:
    gateway.vpc = None
    ec2_backends[account_id][region_name].delete_internet_gateway(gateway.id)


# moto forgets these when a stack is deleted.
RouteTable.delete = delete_route_table
ElasticAddress.delete = release_address
VPCEndPoint.delete = delete_endpoint
InternetGateway.delete = delete_gateway


class Alarm(CloudFormationModel):
    def __init__(self, name: str) -> None:
        self.physical_resource_id = name

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::CloudWatch::Alarm"

    @classmethod
    def create_from_cloudformation_json(cls, name, resource, account_id, region_name, **_):
        wanted = resource["Properties"]
        cloudwatch_backends[account_id][region_name].put_metric_alarm(
            name=name,
            namespace=wanted["Namespace"],
            metric_name=wanted["MetricName"],
            comparison_operator=wanted["ComparisonOperator"],
            evaluation_periods=int(wanted["EvaluationPeriods"]),
            period=int(wanted["Period"]),
            threshold=float(wanted["Threshold"]),
            statistic=wanted["Statistic"],
            description=wanted["AlarmDescription"],
            dimensions=wanted["Dimensions"],
            alarm_actions=wanted["AlarmActions"],
        )
        return cls(name)

    def delete(self, account_id: str, region_name: str) -> None:
        cloudwatch_backends[account_id][region_name].delete_alarms([self.physical_resource_id])


class ScheduleGroup(CloudFormationModel):
    def __init__(self, name: str) -> None:
        self.physical_resource_id = name

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::Scheduler::ScheduleGroup"

    @classmethod
    def create_from_cloudformation_json(cls, name, resource, account_id, region_name, **_):
        scheduler_backends[account_id][region_name].create_schedule_group(name=name, tags=[])
        return cls(name)

    def delete(self, account_id: str, region_name: str) -> None:
        """With its schedules."""
        scheduler = scheduler_backends[account_id][region_name]
        scheduler.delete_schedule_group(self.physical_resource_id)


class Secret(CloudFormationModel):
    def __init__(self, arn: str) -> None:
        self.physical_resource_id = arn

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::SecretsManager::Secret"

    @classmethod
    def create_from_cloudformation_json(cls, name, resource, account_id, region_name, **_):
        secrets = secretsmanager_backends[account_id][region_name]
        wanted = resource["Properties"]["GenerateSecretString"]
        password = secrets.get_random_password(
            password_length=int(wanted["PasswordLength"]),
            exclude_characters="",
            exclude_numbers=False,
            exclude_punctuation=wanted["ExcludePunctuation"] in (True, "true"),
            exclude_uppercase=False,
            exclude_lowercase=False,
            include_space=False,
            require_each_included_type=True,
        )
        text = json.loads(wanted["SecretStringTemplate"])
        text[wanted["GenerateStringKey"]] = json.loads(password)["RandomPassword"]
        made = secrets.create_secret(
            name=name,
            secret_string=json.dumps(text),
            secret_binary=None,
            description=None,
            tags=None,
            kms_key_id=None,
            client_request_token=None,
            replica_regions=[],
            force_overwrite=False,
        )
        return cls(json.loads(made)["ARN"])

    def delete(self, account_id: str, region_name: str) -> None:
        secretsmanager_backends[account_id][region_name].delete_secret(
            self.physical_resource_id, None, True
        )
