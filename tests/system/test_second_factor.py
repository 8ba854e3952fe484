"""The second factor of the admin, switched on, as an operator sets it up and a curator uses it."""

import os
import re
import subprocess
import sys
from base64 import b32decode
from collections.abc import Iterator

import pytest
from django_otp.oath import totp

from tests.support.forms import Visitor
from tests.support.server import PRODUCTION, get, production_site
from tests.support.targets import ROOT, Target, manage

ON = {"ADMIN_SECOND_FACTOR": "1"}
PASSWORD = "a-password-of-the-tests"
USERS = f"""
from django.contrib.auth.models import User
for name in ("anna", "berta", "carla"):
    User.objects.create_superuser(name, password="{PASSWORD}")
"""
MISSING = "Your account has no second factor"


@pytest.fixture(scope="module")
def target(mariadb_targets) -> Target:
    """With the tables of the second factor, as `migrate` makes them once it is on."""
    target = mariadb_targets.make()
    manage(target, "migrate", **ON)
    manage(target, "shell", "--no-imports", "--command", USERS)
    return target


@pytest.fixture(scope="module")
def address(target) -> Iterator[str]:
    with production_site(target, WEB_CONCURRENCY="1", **ON) as address:
        yield address


def set_up(target: Target, name: str, code: str = "") -> tuple[int, str]:
    """By the command, with the code that the app would show, or another one."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "second_factor", name],
        cwd=ROOT,
        env=os.environ | {"ENV_FILE": "/dev/null"} | target.environment | PRODUCTION | ON,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    uri = process.stdout.readline()
    assert uri.startswith("otpauth://totp/Movie%20recommendations%3A"), uri
    said, _ = process.communicate(code or now(secret_of(uri)))
    return process.returncode, uri + said


def secret_of(said: str) -> bytes:
    (found,) = re.findall(r"secret=([A-Z2-7]+)", said)
    return b32decode(found)


def now(secret: bytes) -> str:
    """What the app shows."""
    return f"{totp(secret):06}"


def backup_codes(said: str) -> list[str]:
    return re.findall(r"^[a-z2-7]{8}$", said, re.M)


def is_inside(answer: tuple[int, str]) -> bool:
    return answer[0] == 200 and "What readers see" in answer[1]


def test_a_user_with_a_second_factor_is_asked_for_it_and_nobody_else(target, address):
    before = Visitor(address)
    said = before.log_in("anna", PASSWORD)
    assert is_inside(said) and MISSING in said[1]

    status, said = set_up(target, "anna")
    assert status == 0, said
    codes, secret = backup_codes(said), secret_of(said)
    assert len(set(codes)) == 10
    assert "Log in again, with the code" in before.get("/admin/")[1], "sessions of before ask, too"

    anna = Visitor(address)
    assert "enter its code as well" in anna.log_in("anna", PASSWORD)[1]
    inside = anna.log_in("anna", PASSWORD, code=now(secret))
    assert is_inside(inside) and MISSING not in inside[1]
    assert "The code is wrong" in Visitor(address).log_in("anna", PASSWORD, code=codes[0] + "x")[1]

    people = anna.get("/admin/people/")[1]
    assert "Second factor" in people
    assert is_inside(Visitor(address).log_in("berta", PASSWORD))


def test_a_code_works_once_whether_of_the_app_or_a_backup(target, address):
    _, said = set_up(target, "anna")
    code, backup = now(secret_of(said)), backup_codes(said)[0]
    for one in (code, f" {backup[:4].upper()} {backup[4:]} "):
        assert is_inside(Visitor(address).log_in("anna", PASSWORD, code=one))
        assert "has been used before" in Visitor(address).log_in("anna", PASSWORD, code=one)[1]


def test_wrong_codes_lock_out_as_wrong_passwords_do(target, address):
    _, said = set_up(target, "carla")
    answers = [Visitor(address).log_in("carla", PASSWORD, code="x") for _ in range(5)]
    assert [status for status, _ in answers] == [200, 200, 200, 200, 429]
    right = Visitor(address).log_in("carla", PASSWORD, code=now(secret_of(said)))
    assert right[0] == 429 and "Too many failed logins" in right[1]
    kept = target.rows("SELECT post_data FROM axes_accessattempt WHERE username = 'carla'")
    assert kept and "code=x" not in kept[0][0]


def test_a_lost_device_is_taken_away_or_replaced_and_a_wrong_code_changes_nothing(target, address):
    _, first = set_up(target, "berta")
    status, said = set_up(target, "berta", code="000000x")
    assert status == 1 and "Nothing was changed" in said
    assert is_inside(Visitor(address).log_in("berta", PASSWORD, code=backup_codes(first)[0]))
    assert set_up(target, "berta")[0] == 0
    old = Visitor(address).log_in("berta", PASSWORD, code=backup_codes(first)[1])
    assert "The code is wrong" in old[1]
    manage(target, "second_factor", "berta", "--remove", **ON)
    said = Visitor(address).log_in("berta", PASSWORD)
    assert is_inside(said) and MISSING in said[1]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("Code:", "or a backup code")), ("zh", ("验证码", "备用码"))],
)
def test_the_login_page_says_what_to_type(address, language, words):
    _, page = Visitor(address, language).get("/admin/login/")
    assert 'autocomplete="one-time-code"' in page
    assert all(one in page for one in words)


def test_secrets_are_nowhere_in_the_admin(target, address):
    anna = Visitor(address)
    _, said = set_up(target, "anna")
    assert is_inside(anna.log_in("anna", PASSWORD, code=backup_codes(said)[0]))
    assert anna.get("/admin/otp_totp/totpdevice/")[0] == 404
    assert "otp" not in anna.get("/admin/")[1].lower()


def test_off_nothing_of_it_is_loaded_made_or_shown(sqlite_target):
    loaded = "import sys; print([name for name in sys.modules if name.startswith('django_otp')])"
    done = manage(sqlite_target, "shell", "--no-imports", "--command", loaded)
    assert done.stdout.split() == [b"[]"]
    assert sqlite_target.rows("SELECT name FROM sqlite_master WHERE name LIKE 'otp%'") == []
    with pytest.raises(subprocess.CalledProcessError) as refused:
        manage(sqlite_target, "second_factor", "anna")
    assert b"ADMIN_SECOND_FACTOR is off" in refused.value.stderr
    with production_site(sqlite_target, WEB_CONCURRENCY="1") as address:
        status, page = get(f"{address}/admin/login/", Accept="text/html")
    assert (status, b"id_code" in page) == (200, False)
