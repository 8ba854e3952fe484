"""The AWS account: clients, what belongs to the deployment, and errors with a remedy."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

from aws_deployment.errors import DeployError

TAG = "movie-recommendations"
"""Everything that the deployment creates has this tag, with the stack's name as its value."""
LAB_SESSION = ":assumed-role/voclabs/"
RETRIES = Config(retries={"mode": "standard", "max_attempts": 8})

SIGN_IN = (
    "sign in again (`aws sso login` or `aws configure`; Learner Lab: start the lab and copy "
    "'AWS Details', 'AWS CLI' into ~/.aws/credentials)"
)
NO_REGION = "no region is set: use --region us-east-1, or run `aws configure`"
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidToken"}
CLOCK = {"RequestTimeTooSkewed", "InvalidSignatureException"}
PLAN = {"FreeTierRestrictionError", "OptInRequired", "SubscriptionRequiredException",
        "PendingVerification"}  # fmt: skip
UNKNOWN_KEY = {"InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure",
               "InvalidAccessKeyId", "SignatureDoesNotMatch"}  # fmt: skip
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError",
          "403", "UnauthorizedException"}  # fmt: skip
LIMITS = {"LimitExceededException", "VcpuLimitExceeded", "AddressLimitExceeded",
          "InstanceLimitExceeded", "VpcLimitExceeded", "InstanceQuotaExceeded",
          "ServiceQuotaExceededException", "TooManyBuckets"}  # fmt: skip


@dataclass(frozen=True)
class Account:
    """One account in one region, and the name of our stack in it."""

    session: boto3.Session
    stack: str
    _clients: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self.session.client(service, config=RETRIES)
        return self._clients[service]

    @property
    def region(self) -> str:
        if not self.session.region_name:
            raise DeployError(NO_REGION)
        return str(self.session.region_name)

    @property
    def tags(self) -> list[dict[str, str]]:
        return [{"Key": TAG, "Value": self.stack}]

    @cached_property
    def identity(self) -> dict[str, str]:
        identity: dict[str, str] = self.client("sts").get_caller_identity()
        return identity

    @property
    def is_learner_lab(self) -> bool:
        return LAB_SESSION in self.identity["Arn"]

    def owns(self, tags: list[dict[str, str]] | None) -> bool:
        return any(tag["Key"] == TAG and tag["Value"] == self.stack for tag in tags or [])


def explain(error: ClientError | BotoCoreError) -> str:
    """One line: what AWS refused and what to do about it."""
    if isinstance(error, ClientError):
        return _explain_answer(error)
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return f"no AWS credentials were found: {SIGN_IN}"
    if isinstance(error, SSOError | TokenRetrievalError | CredentialRetrievalError):
        return f"the sign-in has expired ({error}): {SIGN_IN}"
    if isinstance(error, NoRegionError):
        return NO_REGION
    if isinstance(error, ProfileNotFound):
        return f"{error}: see ~/.aws/config for the names that exist"
    if isinstance(error, EndpointConnectionError):
        return f"{error}: is this machine online, and does the region exist?"
    return f"{error}: run the same command again, it continues where it stopped"


def _explain_answer(error: ClientError) -> str:
    code = error.response["Error"].get("Code", "")
    message = error.response["Error"].get("Message", "").strip().rstrip(".")
    call = error.operation_name
    if code in EXPIRED:
        return f"the credentials have expired: {SIGN_IN}, then run the same command again"
    if code in UNKNOWN_KEY:
        return f"AWS does not know these credentials ({code}): {SIGN_IN}; or the region is disabled"
    if code in CLOCK:
        return f"{call}: {message}. Is this machine's clock right?"
    if code in PLAN:
        return f"{call}: {message}. The account needs AWS's paid plan: see Billing, Account"
    if code in DENIED:
        return (
            f"you may not call {call}: {message or code}. Ask the account's administrator for "
            "that right; in a Learner Lab that was not recognised add --learner-lab"
        )
    if code in LIMITS or code.endswith("LimitExceeded"):
        return f"{call}: {message}. Delete what is not needed, or raise the limit in Service Quotas"
    return f"{call}: {message or code}"
