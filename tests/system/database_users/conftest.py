"""A database of a real server, and its two users."""

import pytest

from tests.system.database_users.users import PASSWORDS, As, administrator, grants


@pytest.fixture(scope="module")
def database(mariadb_targets):
    """A migrated schema, and the users that the set-up makes for it."""
    target = mariadb_targets.make()
    users = {who: As(target.server, target.schema, f"u_{who}", PASSWORDS[who]) for who in PASSWORDS}
    with administrator(target) as admin:
        first = grants("give", target, admin, users)
        assert "database user u_site" in first and "database user u_job" in first
        assert grants("give", target, admin, users) == grants("take", target, admin, users) == ""
        yield target, users, admin
    for user in users.values():
        target.execute(f"DROP USER IF EXISTS {user.user}")
