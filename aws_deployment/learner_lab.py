"""An AWS Academy Learner Lab: what differs from an account of one's own.

No role can be made there, so those that exist are used. They may lack the right to read secrets:
the secret's own policy grants it, and where the user may not write one, the password lies as a
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
OBJECT = "secrets/database.json"


def refuse(instance_type: str, *, spot: bool) -> None:
    """DeployError for what a lab refuses or, worse, ends: sizes above large, and Spot."""
    if spot:
        raise DeployError("a Learner Lab has On-Demand machines only: leave --spot out")
    if instance_type.rpartition(".")[2] not in SIZES:
        raise DeployError(
            f"{instance_type} is too large for a Learner Lab, which ends what is above large (and "
            "the account of who goes on): leave --instance-type out"
        )


def is_of_a_lab(outputs: dict[str, str]) -> bool:
    """As the stack was made: --learner-lab need not be said again."""
    return outputs["EmrServiceRole"] == EXISTING_ROLES["ExistingEmrServiceRole"]


def share_password(account: Account, outputs: dict[str, str]) -> None:
    """Let the lab's roles read the password, by the way that the lab's user may go."""
    secret = outputs["DatabaseSecret"]
    secrets = account.client("secretsmanager")
    try:
        secrets.put_resource_policy(
            SecretId=secret, ResourcePolicy=json.dumps(_policy(account, secret))
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in DENIED:
            raise
        say("the lab does not let its roles read the secret: the password goes into the bucket")
        account.client("s3").put_object(
            Bucket=outputs["Bucket"], Key=OBJECT,
            Body=secrets.get_secret_value(SecretId=secret)["SecretString"].encode(),
        )  # fmt: skip


def _policy(account: Account, secret: str) -> dict[str, object]:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": _readers(account)},
        "Action": "secretsmanager:GetSecretValue",
        "Resource": secret,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _readers(account: Account) -> list[str]:
    iam = account.client("iam")
    names = (EXISTING_ROLES["ExistingSiteProfile"], EXISTING_ROLES["ExistingEmrProfile"])
    found = [iam.get_instance_profile(InstanceProfileName=name) for name in names]
    return sorted({profile["InstanceProfile"]["Roles"][0]["Arn"] for profile in found})


def password_reference(account: Account, outputs: dict[str, str]) -> str:
    """Where site and job find the password."""
    if is_of_a_lab(outputs) and is_there(account.client("s3"), outputs["Bucket"], OBJECT):
        return f"s3:{outputs['Bucket']}/{OBJECT}"
    return f"secretsmanager:{outputs['DatabaseSecret']}"
