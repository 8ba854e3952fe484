"""`bin/deploy check`: does the account allow what the deployment needs? Creates nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from aws_deployment import learner_lab, versions
from aws_deployment.account import Account, explain
from aws_deployment.emr import request
from aws_deployment.errors import DeployError
from aws_deployment.resources import inventory, stack

SITE_TYPE, DATABASE_CLASS = "t3.micro", "db.t4g.micro"
SITE_VCPUS = 2
VCPU_QUOTA = ("ec2", "L-1216C47A", "vCPUs of On-Demand standard instances")
ADDRESS_QUOTA = ("ec2", "L-0263D0A3", "Elastic IP addresses")
VPC_QUOTA = ("vpc", "L-F678F1CE", "VPCs")
TOO_FEW_ZONES = "two zones of {} must offer {}: choose another region with --region"


@dataclass(frozen=True)
class Finding:
    """`is_well` None: it could not be checked, which is not an error."""

    what: str
    detail: str
    is_well: bool | None

    def __str__(self) -> str:
        mark = {True: "ok", False: "PROBLEM", None: "unknown"}[self.is_well]
        return f"{mark:<7} {self.what}: {self.detail}"


def check(account: Account, *, lab: bool, shape: request.Shape) -> list[Finding]:
    """All findings. The first is whether the credentials work at all."""
    identity = account.identity  # an error here is the whole result
    findings = [Finding("credentials", f"{identity['Arn']}", True)]
    looks: dict[str, Callable[[], tuple[bool | None, str]]] = {
        "region": lambda: _region(account, lab),
        "what is there": lambda: _inventory(account),
        "EMR release": lambda: _release(account, shape),
        "instance types": lambda: _instance_types(account, shape),
        "database": lambda: _database(account),
        "quota of vCPUs": lambda: _vcpus(account, shape),
        "quota of addresses": lambda: _addresses(account),
        "quota of networks": lambda: _networks(account),
        "roles": lambda: _roles(account, lab),
        "SSM": lambda: _may_call(account, "ssm", "list_commands"),
        "Secrets Manager": lambda: _may_call(account, "secretsmanager", "list_secrets"),
    }
    return findings + [_find(what, look) for what, look in looks.items()]


def _find(what: str, look: Callable[[], tuple[bool | None, str]]) -> Finding:
    try:
        is_well, detail = look()
    except (ClientError, BotoCoreError) as error:
        return Finding(what, explain(error), False)
    return Finding(what, detail, is_well)


def _region(account: Account, lab: bool) -> tuple[bool, str]:
    if lab and account.region not in learner_lab.REGIONS:
        regions = " and ".join(learner_lab.REGIONS)
        return False, f"a Learner Lab works in {regions} only: add --region"
    return True, account.region + (", a Learner Lab" if lab else "")


def _inventory(account: Account) -> tuple[bool, str]:
    try:
        stack.ours(account)
    except DeployError as error:
        return False, str(error)
    things = inventory.find(account)
    if not things:
        return True, f"nothing of {account.stack} yet"
    return True, "; ".join(f"{thing.kind} {thing.name} {thing.note}".strip() for thing in things)


def _release(account: Account, shape: request.Shape) -> tuple[bool, str]:
    offered = account.client("emr").list_release_labels(
        Filters={"Prefix": shape.release}
    )["ReleaseLabels"]  # fmt: skip
    if shape.release not in offered:
        return False, f"{shape.release} is not offered in {account.region}: choose with --release"
    if shape.instance_type not in _supported_types(account, shape.release):
        return False, (
            f"{shape.release} does not run on {shape.instance_type}: choose another "
            "--instance-type, or --release"
        )
    return True, f"{shape.release} on {shape.instance_type}"


def _supported_types(account: Account, release: str) -> set[str]:
    """The types that EMR lists for a release, page by page: boto3 has no paginator."""
    emr = account.client("emr")
    found: set[str] = set()
    marker: dict[str, str] = {}
    while True:
        page = emr.list_supported_instance_types(ReleaseLabel=release, **marker)
        found |= {one["Type"] for one in page["SupportedInstanceTypes"]}
        if not page.get("Marker"):
            return found
        marker = {"Marker": page["Marker"]}


def _instance_types(account: Account, shape: request.Shape) -> tuple[bool, str]:
    wanted = {SITE_TYPE, shape.instance_type}
    zones, named = stack.zones_with(account, wanted), " and ".join(sorted(wanted))
    if len(zones) < 2:
        return False, TOO_FEW_ZONES.format(account.region, named)
    return True, f"{named} in {', '.join(zones)}"


def _database(account: Account) -> tuple[bool, str]:
    offers = account.client("rds").get_paginator("describe_orderable_db_instance_options")
    pages = offers.paginate(Engine="mysql", DBInstanceClass=DATABASE_CLASS)
    found = (option for page in pages for option in page["OrderableDBInstanceOptions"])
    if any(option["EngineVersion"].startswith(versions.MYSQL) for option in found):
        return True, f"MySQL {versions.MYSQL} on {DATABASE_CLASS}"
    return False, f"MySQL {versions.MYSQL} on {DATABASE_CLASS} is not offered here"


def _vcpus(account: Account, shape: request.Shape) -> tuple[bool | None, str]:
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


def _roles(account: Account, lab: bool) -> tuple[bool, str]:
    if not lab:
        return _may_call(account, "iam", "list_roles")
    iam = account.client("iam")
    iam.get_instance_profile(InstanceProfileName=learner_lab.EXISTING_ROLES["ExistingSiteProfile"])
    iam.get_role(RoleName=learner_lab.EXISTING_ROLES["ExistingEmrServiceRole"])
    iam.get_instance_profile(InstanceProfileName=learner_lab.EXISTING_ROLES["ExistingEmrProfile"])
    return True, ", ".join(learner_lab.EXISTING_ROLES.values())


def _may_call(account: Account, service: str, call: str) -> tuple[bool, str]:
    getattr(account.client(service), call)()
    return True, f"{service} answers"


def raise_problems(findings: list[Finding]) -> None:
    """Raise DeployError if any of them is a problem."""
    problems = [finding for finding in findings if finding.is_well is False]
    if problems:
        raise DeployError(f"{len(problems)} of {len(findings)} checks found a problem, see above")
