"""The site's machine later on: upgrades, the way back, wrong arguments, a password, a domain.

Builds on test_fresh_site.py, on the same machine.
"""

import re
import shutil

import pytest

from tests.deployment.database import make_authority
from tests.deployment.machine import needs_machine
from tests.deployment.site_machine.site import (
    CURRENT,
    HOST,
    PASSWORD,
    PASSWORDS,
    ask,
    committed,
    files_of,
    load,
    secrets_manager,
    styles,
    wait_for_a_fresh_allowance,
    watched_for,
)
from tests.support.processes import wait_until
from tests.support.targets import ROOT

pytestmark = needs_machine


def test_an_upgrade_under_load_fails_no_request(site):
    wait_for_a_fresh_allowance()
    before = site.version()
    style = styles(site.get("/movies/").body)[0]
    paths = ["/health/", "/recommendations/?offset={number}", "/movies/", style, "/"]
    with (
        committed(site, "app/static/app/site.css", "\n.upgraded { color: red }\n"),
        load(site, paths) as answers,
        watched_for(PASSWORD) as shown,
    ):
        done = site.set_up("--upgrade", "HEAD")
        assert done.returncode == 0, done.stdout + done.stderr
        count = len(answers)
        wait_until(lambda: len(answers) >= count + 10, what="ten more answers")
    assert [answer for answer in answers if answer[1] != 200] == []
    assert shown == []
    assert site.version() != before
    assert style not in styles(site.get("/movies/").body)
    assert "nothing changed" in site.set_up().stdout


def broken_migration() -> tuple[str, str]:
    last = sorted((ROOT / "app" / "migrations").glob("0*.py"))[-1].stem
    return "app/migrations/9999_broken.py", (
        "from django.db import migrations\n"
        "class Migration(migrations.Migration):\n"
        f"    dependencies = [('app', '{last}')]\n"
        "    operations = [migrations.RunSQL('SELECT broken_on_purpose')]\n"
    )


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("recsys/settings.py", "\nraise RuntimeError('broken on purpose')\n"), "checking"),
        (broken_migration(), "migrating"),
        (("requirements-site.txt", "\nno-such-package-at-all\n"), "installing Python packages"),
        (("recsys/wsgi.py", "\nraise RuntimeError('broken on purpose')\n"), "restart"),
        (("app/api/views.py", "\n_warnings = None\n"), "health check: /health/ answers 500"),
    ],
    ids=["settings", "migration", "packages", "wsgi", "health"],
)
def test_a_broken_version_is_not_kept(site, change, complaint):
    before, files = site.version(), files_of(site)
    with committed(site, *change), load(site, ["/health/", "/recommendations/"]) as answers:
        line = site.refused("--upgrade", "HEAD")
    assert complaint in line
    assert site.version() == before
    assert {name for name in files_of(site) if name not in files} == set()
    assert site.get("/health/").status == 200
    if complaint in ("checking", "migrating"):
        assert {status for _, status in answers} == {200}


def test_a_version_can_be_gone_back_to_and_the_newest_three_stay(site):
    for number in range(2):
        with committed(site, "README.md", f"\nVersion {number}.\n"):
            assert site.set_up("--upgrade", "HEAD").returncode == 0
    releases = list(site.machine.path("/opt/recsys/releases").iterdir())
    assert len(releases) == 3
    (former, *_) = [path.name for path in releases if path.name != site.version()]
    done = site.set_up("--upgrade", former)
    changes = [line for line in done.stdout.splitlines() if not line.startswith("note: ")]
    assert changes == [f"changed: {CURRENT} -> {former}", "changed: 1 in all"]
    assert site.version() == former


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--upgrade", "no-such-branch"], "give a commit, branch or tag that the source has"),
        (["--db-secret", "secretsmanager:nothing"], "ResourceNotFoundException"),
        (["--db-secret", "ssm:nothing"], "ParameterNotFound"),
        (["--db-secret", "file:/nothing"], "cannot read the password from /nothing"),
        (["--db-secret", "hunter2"], "give secretsmanager:NAME"),
        (["--db-ca", "/nothing"], "--db-ca /nothing: cannot be read"),
        (["--db-ca", "/etc/hosts"], "contains no certificates"),
        (["--db-ca", "https://127.0.0.1:9/"], "download it elsewhere"),
        (["--db-port", "9"], "Can't connect to"),
        (["--db-user", "recsys_admin"], "the site needs its own"),
        (
            ["--db-job-user", "recsys", "--db-job-secret", "secretsmanager:recsys/recsys"],
            "give each its own",
        ),
        (
            ["--db-admin-secret", "secretsmanager:recsys/recsys", "--db-admin-user", "nobody"],
            "Access denied",
        ),
        (["--email", "somebody"], "--email somebody: give an address"),
        (["--source", "/nothing", "--upgrade", "HEAD"], "check --source"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_changed(site, arguments, complaint):
    before = files_of(site)
    assert complaint in site.refused(*arguments)
    assert files_of(site) == before


def test_a_server_that_the_authority_did_not_vouch_for_is_not_trusted(site, tmp_path):
    stranger = make_authority(tmp_path, "stranger")
    shutil.copy(stranger, site.machine.path("/root/stranger.pem"))
    before = files_of(site)
    assert re.search(r"(?i)certificate|TLS|SSL", site.refused("--db-ca", "/root/stranger.pem"))
    assert files_of(site) == before


def test_only_root_may_and_only_known_systems_will_do(site):
    shutil.copy(ROOT / "aws_deployment" / "ec2_setup.sh", site.machine.path("/srv/ec2_setup.sh"))
    as_nobody = site.machine.run("setpriv", "--reuid=65534", "--clear-groups", "/srv/ec2_setup.sh")
    assert as_nobody.stderr == "error: not root: start it with sudo\n"
    told = site.machine.path("/etc/os-release")
    kept = told.read_text()
    told.unlink()
    told.write_text('ID=plan9\nVERSION_ID=4\nPRETTY_NAME="Plan 9"\n')
    try:
        assert "Plan 9 is not supported" in site.refused()
    finally:
        told.write_text(kept)


def test_a_new_password_is_taken_over_by_a_plain_run(site):
    client = secrets_manager(site.machine)
    renewed = f"{PASSWORD} renewed"
    client.put_secret_value(SecretId="recsys/recsys", SecretString=renewed)
    done = site.set_up()
    told = [line.removeprefix("changed: ") for line in done.stdout.splitlines()]
    assert told == ["database user recsys", "/etc/recsys/.env", "2 in all"], done.stderr
    assert site.get("/health/").status == 200


def test_with_a_domain_the_site_is_served_over_tls(site):
    done = site.set_up("--domain", HOST, "--email", "somebody@example.org")
    assert done.returncode == 0, done.stdout + done.stderr
    (asked,) = [call for call in site.supervisor.calls if call.startswith("certbot")]
    assert "certonly" in asked and "--webroot" in asked
    wait_for_a_fresh_allowance()
    secure = ask(f"https://127.0.0.1:{site.supervisor.https}/health/")
    assert secure.status == 200
    assert len(secure.headers.get_all("Strict-Transport-Security", [])) == 1
    moved = site.get("/movies/?genre=War")
    assert (moved.status, moved.headers["Location"]) == (301, f"https://{HOST}/movies/?genre=War")
    challenge = site.machine.path("/var/lib/recsys/acme/.well-known/acme-challenge")
    challenge.mkdir(parents=True)
    (challenge / "token").write_text("answer")
    assert site.get("/.well-known/acme-challenge/token").body == b"answer"
    assert "nothing changed" in site.set_up().stdout


def test_no_password_was_shown_to_anybody(site):
    for password in PASSWORDS.values():
        assert not [text for text in site.said if password in text]
        assert not [call for call in site.supervisor.calls if password in call]
    open_to_others = [
        path
        for top in ("etc", "opt", "var/log", "var/lib/recsys", "tmp", "run")
        for path in site.machine.path(top).rglob("*")
        if path.is_file() and not path.is_symlink() and path.stat().st_mode & 0o077
    ]
    assert len(open_to_others) > 1000
    plain = [*PASSWORDS.values(), PASSWORD.replace("${", "${:-$}{")]
    kept = [password.encode() for password in plain]
    assert not [path for path in open_to_others if any(p in path.read_bytes() for p in kept)]
    of_the_site = site.machine.path("/etc/recsys/.env").read_text()
    for other in ("recsys_admin", "recsys_job"):
        assert PASSWORDS[other].split()[-1] not in of_the_site
