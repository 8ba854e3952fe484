"""`bin/deploy check`: can this account have what the deployment needs? Nothing is created."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from aws_deployment.account import Account, explain
from aws_deployment.emr import cluster
from aws_deployment.errors import DeployError
from aws_deployment.resources import inventory, stack

LAB_REGIONS = ("us-east-1", "us-west-2")
SITE_TYPE, DATABASE_CLASS = "t3.micro", "db.t4g.micro"
DATABASE_VERSION = "8.4"
SITE_VCPUS = 2
VCPU_QUOTA = ("ec2", "L-1216C47A", "vCPUs of On-Demand standard instances")
ADDRESS_QUOTA = ("ec2", "L-0263D0A3", "Elastic IP addresses")
VPC_QUOTA = ("vpc", "L-F678F1CE", "VPCs")


@dataclass(frozen=True)
class Finding:
    """`is_well` None: it could not be looked at, which need not stop anybody."""

    what: str
    told: str
    is_well: bool | None

    def __str__(self) -> str:
        mark = {True: "ok", False: "PROBLEM", None: "unknown"}[self.is_well]
        return f"{mark:<7} {self.what}: {self.told}"


def check(account: Account, *, learner_lab: bool, shape: cluster.Shape) -> list[Finding]:
    """All findings. The first answers whether the credentials serve at all."""
    identity = account.identity  # an error here is the whole answer
    findings = [Finding("credentials", f"{identity['Arn']}", True)]
    looks: dict[str, Callable[[], tuple[bool | None, str]]] = {
        "region": lambda: _region(account, learner_lab),
        "what is there": lambda: _inventory(account),
        "EMR release": lambda: _release(account, shape),
        "instance types": lambda: _instance_types(account, shape),
        "database": lambda: _database(account),
        "quota of vCPUs": lambda: _vcpus(account, shape),
        "quota of addresses": lambda: _addresses(account),
        "quota of networks": lambda: _networks(account),
        "roles": lambda: _roles(account, learner_lab),
        "SSM": lambda: _may_call(account, "ssm", "list_commands"),
        "Secrets Manager": lambda: _may_call(account, "secretsmanager", "list_secrets"),
    }
    return findings + [_find(what, look) for what, look in looks.items()]


def _find(what: str, look: Callable[[], tuple[bool | None, str]]) -> Finding:
    try:
        is_well, told = look()
    except (ClientError, BotoCoreError) as error:
        return Finding(what, explain(error), False)
    return Finding(what, told, is_well)


def _region(account: Account, learner_lab: bool) -> tuple[bool, str]:
    if learner_lab and account.region not in LAB_REGIONS:
        return False, f"a Learner Lab works in {' and '.join(LAB_REGIONS)} only: add --region"
    return True, account.region + (", a Learner Lab" if learner_lab else "")


def _inventory(account: Account) -> tuple[bool, str]:
    try:
        stack.ours(account)
    except DeployError as error:
        return False, str(error)
    things = inventory.find(account)
    if not things:
        return True, f"nothing of {account.stack} yet"
    return True, "; ".join(f"{thing.kind} {thing.name} {thing.note}".strip() for thing in things)


def _release(account: Account, shape: cluster.Shape) -> tuple[bool, str]:
    offered = account.client("emr").list_release_labels(
        Filters={"Prefix": shape.release}
    )["ReleaseLabels"]  # fmt: skip
    if shape.release in offered:
        return True, shape.release
    return False, f"{shape.release} is not offered in {account.region}: choose one with --release"


def _instance_types(account: Account, shape: cluster.Shape) -> tuple[bool, str]:
    wanted = {SITE_TYPE, shape.instance_type}
    zones, named = stack.zones_with(account, wanted), " and ".join(sorted(wanted))
    if len(zones) < 2:
        return False, f"two zones of {account.region} must offer {named}: choose another region"
    return True, f"{named} in {', '.join(zones)}"


def _database(account: Account) -> tuple[bool, str]:
    offers = account.client("rds").get_paginator("describe_orderable_db_instance_options")
    pages = offers.paginate(Engine="mysql", DBInstanceClass=DATABASE_CLASS)
    found = (option for page in pages for option in page["OrderableDBInstanceOptions"])
    versions = {option["EngineVersion"] for option in found}
    if any(version.startswith(DATABASE_VERSION) for version in versions):
        return True, f"MySQL {DATABASE_VERSION} on {DATABASE_CLASS}"
    return False, f"MySQL {DATABASE_VERSION} on {DATABASE_CLASS} is not offered here"


def _vcpus(account: Account, shape: cluster.Shape) -> tuple[bool | None, str]:
    (kind,) = account.client("ec2").describe_instance_types(InstanceTypes=[shape.instance_type])[
        "InstanceTypes"
    ]
    needed = SITE_VCPUS + (1 + shape.workers) * kind["VCpuInfo"]["DefaultVCpus"]
    return _compare(account, VCPU_QUOTA, needed)


def _addresses(account: Account) -> tuple[bool | None, str]:
    found = account.client("ec2").describe_addresses()["Addresses"]
    return _compare(account, ADDRESS_QUOTA, _with_one_of_ours(account, found))


def _networks(account: Account) -> tuple[bool | None, str]:
    found = account.client("ec2").describe_vpcs()["Vpcs"]
    return _compare(account, VPC_QUOTA, _with_one_of_ours(account, found))


def _with_one_of_ours(account: Account, found: list[dict[str, Any]]) -> int:
    return sum(not account.owns(one.get("Tags")) for one in found) + 1


def _compare(account: Account, quota: tuple[str, str, str], needed: int) -> tuple[bool | None, str]:
    service, code, name = quota
    try:
        found = account.client("service-quotas").get_service_quota(
            ServiceCode=service, QuotaCode=code
        )
    except ClientError as error:
        return None, f"{needed} {name} needed; the limit cannot be read ({explain(error)})"
    limit = int(found["Quota"]["Value"])
    if needed > limit:
        return False, f"{needed} {name} needed, {limit} allowed: raise it in Service Quotas"
    return True, f"{needed} of {limit} {name}"


def _roles(account: Account, learner_lab: bool) -> tuple[bool, str]:
    if not learner_lab:
        return _may_call(account, "iam", "list_roles")
    iam = account.client("iam")
    iam.get_instance_profile(InstanceProfileName=stack.EXISTING_ROLES["ExistingSiteProfile"])
    iam.get_role(RoleName=stack.EXISTING_ROLES["ExistingEmrServiceRole"])
    iam.get_instance_profile(InstanceProfileName=stack.EXISTING_ROLES["ExistingEmrProfile"])
    return True, ", ".join(stack.EXISTING_ROLES.values())


def _may_call(account: Account, service: str, call: str) -> tuple[bool, str]:
    getattr(account.client(service), call)()
    return True, f"{service} answers"


def raise_problems(findings: list[Finding]) -> None:
    """DeployError if one of them is a problem."""
    problems = [finding for finding in findings if finding.is_well is False]
    if problems:
        raise DeployError(f"{len(problems)} of {len(findings)} checks found a problem, see above")
