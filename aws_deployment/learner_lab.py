"""AWS Academy Learner Labs: what differs from an ordinary account.

Roles cannot be created there, so existing ones are used. They may lack the right to read secrets:
each secret's own policy grants it, and if the user may not write one, the password is stored as a
private object in the bucket, which the roles may read.
"""

import json

from botocore.exceptions import ClientError

from aws_deployment.account import DENIED, Account
from aws_deployment.errors import DeployError
from aws_deployment.upload import is_there
from aws_deployment.waiting import say

REGIONS = ("us-east-1", "us-west-2")
EXISTING_ROLES = {
    "ExistingSiteProfile": "LabInstanceProfile",
    "ExistingEmrServiceRole": "EMR_DefaultRole",
    "ExistingEmrProfile": "EMR_EC2_DefaultRole",
}
"""Template parameter -> what a lab has."""
SIZES = ("nano", "micro", "small", "medium", "large")
SITE, JOB = (EXISTING_ROLES[name] for name in ("ExistingSiteProfile", "ExistingEmrProfile"))
READERS = {"DatabaseSecret": [SITE], "SiteSecret": [SITE], "JobSecret": [SITE, JOB]}
"""Output of the stack -> the instance profiles whose roles need the secret."""
OBJECTS = {
    "DatabaseSecret": "secrets/database.json",
    "SiteSecret": "secrets/site.json",
    "JobSecret": "secrets/job.json",
}


def refuse(instance_type: str, *, spot: bool) -> None:
    """Raise DeployError for what a lab refuses or, worse, ends: sizes above large, and Spot."""
    if spot:
        raise DeployError("a Learner Lab has On-Demand machines only: omit --spot")
    if instance_type.rpartition(".")[2] not in SIZES:
        raise DeployError(
            f"{instance_type} is too large for a Learner Lab, which ends machines above large (and "
            "the accounts that repeat it): omit --instance-type"
        )


def is_of_a_lab(outputs: dict[str, str]) -> bool:
    """Whether the stack was created in a lab, so that --learner-lab need not be repeated."""
    return outputs["EmrServiceRole"] == EXISTING_ROLES["ExistingEmrServiceRole"]


def share_passwords(account: Account, outputs: dict[str, str]) -> None:
    """Let the lab's roles read the passwords, in whichever way the lab's user may allow."""
    for output in READERS:
        _share(account, outputs, output)


def _share(account: Account, outputs: dict[str, str], output: str) -> None:
    secret = outputs[output]
    secrets = account.client("secretsmanager")
    try:
        policy = json.dumps(_policy(account, secret, READERS[output]))
        secrets.put_resource_policy(SecretId=secret, ResourcePolicy=policy)
    except ClientError as error:
        if error.response["Error"]["Code"] not in DENIED:
            raise
        say("the lab does not let its roles read a secret: the password goes into the bucket")
        account.client("s3").put_object(
            Bucket=outputs["Bucket"], Key=OBJECTS[output],
            Body=secrets.get_secret_value(SecretId=secret)["SecretString"].encode(),
        )  # fmt: skip


def _policy(account: Account, secret: str, profiles: list[str]) -> dict[str, object]:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": _roles(account, profiles)},
        "Action": "secretsmanager:GetSecretValue",
        "Resource": secret,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _roles(account: Account, profiles: list[str]) -> list[str]:
    iam = account.client("iam")
    found = [iam.get_instance_profile(InstanceProfileName=name) for name in profiles]
    return sorted({profile["InstanceProfile"]["Roles"][0]["Arn"] for profile in found})


def password_reference(account: Account, outputs: dict[str, str], output: str) -> str:
    """The reference of a password, by the output that names its secret."""
    key, bucket = OBJECTS[output], outputs["Bucket"]
    if is_of_a_lab(outputs) and is_there(account.client("s3"), bucket, key):
        return f"s3:{bucket}/{key}"
    return f"secretsmanager:{outputs[output]}"
