"""What moto lacks of a real account: the tags that CloudFormation hands on, what RDS offers."""

from moto.cloudformation.parsing import ResourceMap
from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.ec2.models.elastic_ip_addresses import ElasticAddress
from moto.ec2.responses.instances import InstanceResponse
from moto.rds.models import DBInstance, RDSBackend
from moto.s3.models import FakeBucket, s3_backends
from moto.secretsmanager.models import secretsmanager_backends

from tests.deployment.moto_resources import Secret


def offer_mysql(monkeypatch) -> None:
    """moto knows what Aurora and Neptune offer, and nothing of MySQL."""
    offer = {"Engine": "mysql", "EngineVersion": "8.4.6", "DBInstanceClass": "db.t4g.micro"}
    monkeypatch.setattr(
        RDSBackend, "describe_orderable_db_instance_options", lambda *_, **__: [offer]
    )


class Credits:
    """moto tells of CPU credits and does not let them be changed."""

    def __init__(self) -> None:
        self.modes: list[str] = []
        """What was asked for, one after the other."""
        self.refusal: dict[str, str] = {}
        """Where a lab does not let it be changed, why."""

    @property
    def mode(self) -> str:
        return self.modes[-1] if self.modes and not self.refusal else "standard"


def change_credits(monkeypatch) -> Credits:
    credits = Credits()

    def modify(response: InstanceResponse) -> ActionResult:
        (wanted,) = response._get_param("InstanceCreditSpecifications")
        credits.modes.append(wanted["CpuCredits"])
        named = {"InstanceId": wanted["InstanceId"]}
        refused = [named | {"Error": credits.refusal}] if credits.refusal else []
        return ActionResult({
            "SuccessfulInstanceCreditSpecifications": [] if refused else [named],
            "UnsuccessfulInstanceCreditSpecifications": refused,
        })  # fmt: skip

    def describe(response: InstanceResponse) -> ActionResult:
        (instance,) = response._get_param("InstanceIds")
        found = {"InstanceId": instance, "CpuCredits": credits.mode}
        return ActionResult({"InstanceCreditSpecifications": [found]})

    known = "describe_instance_credit_specifications"
    monkeypatch.setattr(InstanceResponse, known, describe)
    name = "modify_instance_credit_specification"
    monkeypatch.setattr(InstanceResponse, name, modify, raising=False)
    return credits


def pass_tags_on(monkeypatch) -> None:
    """CloudFormation gives the stack's tags to its resources; moto only to some of EC2."""
    create = ResourceMap.create

    def create_and_tag(resources: ResourceMap, template) -> bool:
        ready = create(resources, template)
        tags = {key: value for key, value in resources.tags.items() if ":" not in key}
        for resource in resources._parsed_resources.values():
            _tag(resource, tags, resources._account_id, resources._region_name)
        return ready

    monkeypatch.setattr(ResourceMap, "create", create_and_tag)


def _tag(resource, tags, account: str, region: str) -> None:
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    if isinstance(resource, FakeBucket):
        s3_backends[account]["aws"].put_bucket_tagging(resource.name, tags)
    elif isinstance(resource, DBInstance):
        resource.add_tags(listed)
    elif isinstance(resource, Secret):
        secrets = secretsmanager_backends[account][region]
        secrets.tag_resource(resource.physical_resource_id, tags)
    elif isinstance(resource, ElasticAddress):
        ec2_backends[account][region].create_tags([resource.allocation_id], tags)
