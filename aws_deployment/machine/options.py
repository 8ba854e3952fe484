"""The options of `ec2_setup.sh`, checked before anything is done. Its header explains them."""

import argparse
import re

from aws_deployment.machine.system import Refusal

# The names of options in /etc/recsys/.env.
REMEMBERED = {
    "db_host": "DB_HOST",
    "db_port": "DB_PORT",
    "db_name": "DB_NAME",
    "db_user": "DB_USER",
    "db_secret": "DB_SECRET",
    "db_admin_user": "SETUP_ADMIN_USER",
    "db_admin_secret": "SETUP_ADMIN_SECRET",
    "db_job_user": "SETUP_JOB_USER",
    "db_job_secret": "SETUP_JOB_SECRET",
    "domain": "SETUP_DOMAIN",
    "email": "SETUP_EMAIL",
    "source": "SETUP_SOURCE",
    "stack": "SETUP_STACK",
}
# Users of the database, by the option that names them.
DEFAULT_USERS = {"DB_USER": "recsys", "SETUP_ADMIN_USER": "admin", "SETUP_JOB_USER": "recsys_job"}
NAME = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
SECRET = (
    r"(?:secretsmanager|ssm|s3):\S+|file:/\S+",
    "secretsmanager:NAME, ssm:NAME, s3:BUCKET/KEY or file:/PATH",
)
USER = (r"[\w.-]{1,32}", "up to 32 letters, digits, _, - and .")
PATTERNS = {
    "db_host": (NAME, "a host name or an IP address"),
    "db_port": (r"[0-9]{1,5}", "a number"),
    "db_name": (r"\w+", "letters, digits and _"),
    "db_user": USER,
    "db_secret": SECRET,
    "db_admin_user": USER,
    "db_admin_secret": SECRET,
    "db_job_user": USER,
    "db_job_secret": SECRET,
    "db_ca": (r"/.+|https://\S+", "an absolute path or an https address"),
    "source": (r"/.+|[\w+]+://\S+|\S+@\S+:\S+", "an absolute path or a git address"),
    "domain": (NAME, "a host name such as movies.example.org"),
    "email": (r"[^@\s']+@[^@\s']+", "an address such as you@example.org"),
    "stack": (r"[a-z][a-z0-9-]*", "the name of the CloudFormation stack"),
    "upgrade": (r"[A-Za-z0-9][\w./-]*", "a commit, branch or tag"),
}


def read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="ec2_setup.sh",
        usage="ec2_setup.sh --help explains the options",
        allow_abbrev=False,
        add_help=False,
    )
    for name in [*REMEMBERED, "db_ca", "upgrade"]:
        parser.add_argument(f"--{name.replace('_', '-')}")
    parser.add_argument("--host", action="append", default=[])
    options = parser.parse_args(arguments)
    for name, (pattern, allowed) in PATTERNS.items():
        _check(name, getattr(options, name), pattern, allowed)
    for host in options.host:
        _check("host", host, rf"{NAME}|\[[0-9a-f:]+\]", "a host name or an IP address")
    return options


def _check(name: str, value: str | None, pattern: str, allowed: str) -> None:
    if value is not None and not re.fullmatch(pattern, value):
        raise Refusal(f"--{name.replace('_', '-')} {value}: give {allowed}")


def remembered(options: argparse.Namespace, memory: dict[str, str]) -> dict[str, str]:
    """The options given now, else those given earlier."""
    values = {variable: memory.get(variable, "") for variable in REMEMBERED.values()}
    for name, variable in REMEMBERED.items():
        values[variable] = getattr(options, name) or values[variable]
    values["DB_PORT"] = values["DB_PORT"] or "3306"
    values["DB_NAME"] = values["DB_NAME"] or "recsys"
    values |= {name: values[name] or user for name, user in DEFAULT_USERS.items()}
    hosts = options.host or memory.get("ALLOWED_HOSTS", "").split(",")
    names = dict.fromkeys(filter(None, [values["SETUP_DOMAIN"], *hosts]))
    return values | {"ALLOWED_HOSTS": ",".join(names)}


def check_complete(values: dict[str, str], memory: dict[str, str]) -> None:
    """Raise Refusal for a required option that was never given."""
    if not values["DB_HOST"]:
        raise Refusal("where is the database? give --db-host HOST, once")
    if not values["DB_SECRET"] and not memory.get("DB_PASSWORD"):
        raise Refusal("where is its password? give --db-secret REFERENCE, once")
    if not values["ALLOWED_HOSTS"]:
        raise Refusal("what is the site called? give --host NAME or --domain NAME, once")
    if values["SETUP_JOB_SECRET"] and not values["SETUP_ADMIN_SECRET"]:
        raise Refusal("who makes the job's user? give --db-admin-secret REFERENCE, too")
    if values["SETUP_DOMAIN"] and not values["SETUP_EMAIL"]:
        raise Refusal("--domain needs --email ADDRESS for the certificate authority")
