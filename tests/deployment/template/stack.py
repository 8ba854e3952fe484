"""A stack in moto, and what can be found in it and in the template."""

from collections.abc import Callable, Iterator
from typing import Any

STACK = "recsys-template"
TAGS = [{"Key": "project", "Value": "recsys"}]
Client = Callable[[str], Any]
Create = Callable[..., dict[str, str]]


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
