"""Settings: development needs none, production refuses to start without the vital ones."""

import os
import secrets
import subprocess
import sys

import pytest
from dotenv import dotenv_values

from tests.support.targets import ROOT

PRODUCTION = {"DEBUG": "0", "SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "example.org"}


def manage(*arguments, **environment):
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=kept | {"ENV_FILE": "/dev/null"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_development_needs_nothing(tmp_path):
    assert manage("check", SQLITE_PATH=str(tmp_path / "x.sqlite3")).returncode == 0


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_production_refuses_to_start_without(name):
    done = manage("check", **PRODUCTION | {name: ""})
    assert done.returncode != 0
    assert f"DEBUG is off, so {name} must be set" in done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("DEBUG", "maybe", "DEBUG='maybe' is neither yes nor no"),
        ("DB_PORT", "many", "DB_PORT='many' is not a whole number"),
        ("SECRET_KEY_FILE", "/nowhere", "SECRET_KEY_FILE=/nowhere: No such file"),
    ],
)
def test_a_senseless_value_is_named(variable, value, complaint):
    done = manage("check", **{"DB_HOST": "x", variable: value})
    assert done.returncode != 0
    assert complaint in done.stderr


def test_a_secret_may_come_from_a_file(tmp_path):
    (tmp_path / "key").write_text("y" * 50)
    environment = PRODUCTION | {"SECRET_KEY": "", "SECRET_KEY_FILE": str(tmp_path / "key")}
    assert manage("check", **environment).returncode == 0


EXAMPLE = {name: value or "" for name, value in dotenv_values(ROOT / ".env.example").items()}


def check_deployment(**more):
    """As it stands in .env.example, with a key; the check itself opens no connection."""
    key = {"SECRET_KEY": secrets.token_urlsafe(50)}
    return manage("check", "--deploy", "--fail-level", "WARNING", **EXAMPLE | key | more)


def test_the_production_example_passes_the_deployment_check():
    done = check_deployment()
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize("key", ["tiny", "x" * 49, EXAMPLE["SECRET_KEY"]])
def test_production_refuses_to_start_with_a_key_that_can_be_guessed(key):
    done = manage("check", **PRODUCTION | {"SECRET_KEY": key})
    assert done.returncode != 0
    assert "SECRET_KEY is shorter than 50 characters or that of .env.example" in done.stderr
    assert key not in done.stderr


def test_the_deployment_check_asks_for_the_proxy():
    done = check_deployment(TRUSTED_PROXY="")
    assert done.returncode != 0
    assert "(app.W001) TRUSTED_PROXY is not set" in done.stderr


def test_no_migration_is_missing(tmp_path):
    done = manage("makemigrations", "--check", SQLITE_PATH=str(tmp_path / "x.sqlite3"))
    assert done.returncode == 0, done.stdout
