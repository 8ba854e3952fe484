"""A run is started in the admin, by the command that is configured for it."""

import sys
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from app.runs import starting
from tests.site.admin.pages import messages_of, text_of
from tests.site.factories import make_run
from tests.site.publishing import lock_of_another

pytestmark = pytest.mark.django_db


@pytest.fixture
def command(settings, tmp_path):
    """Makes a command of a piece of Python, and ends what it started."""
    settings.START_RUN_LOG = str(tmp_path / "logs" / "start-run.log")
    started = []
    spawn = starting._spawn

    def configure(code):
        settings.START_RUN_COMMAND = [sys.executable, "-u", "-c", code]

    def remember(output):
        started.append(spawn(output))
        return started[-1]

    starting._spawn = remember
    yield configure
    starting._spawn = spawn
    for process in started:
        process.kill()
        process.wait()


WAITS = "import sys; print('reading ratings.csv'); sys.stdin.close(); import time; time.sleep(60)"


def wait_for(says):
    deadline = timezone.now() + timedelta(seconds=20)
    while timezone.now() < deadline:
        found = starting.progress()
        if any(says in line for line in found.lines):
            return found
    raise AssertionError(found)


def test_where_no_command_is_configured_there_is_no_start(admin_client):
    assert admin_client.get("/admin/app/run/start/").status_code == 404
    assert admin_client.post("/admin/app/run/start/").status_code == 404
    assert "Start a run" not in text_of(admin_client.get("/admin/app/run/"))


def test_a_run_is_started_once_and_its_output_shown(admin_client, admin_user, command):
    command(WAITS)
    assert "Start a run" in text_of(admin_client.get("/admin/app/run/"))
    answer = admin_client.post("/admin/app/run/start/", follow=True)
    assert messages_of(answer) == ["A run was started."]
    assert wait_for("reading ratings.csv").is_running
    page = admin_client.get("/admin/app/run/start/")
    assert "reading ratings.csv" in text_of(page)
    assert 'value="Start a run"' not in page.content.decode()
    (said,) = messages_of(admin_client.post("/admin/app/run/start/", follow=True))
    assert said == (
        "Nothing was changed: a run that was started here is still in progress: wait for it to end."
    )
    assert LogEntry.objects.values_list("user", "object_repr").get() == (
        admin_user.pk,
        "a run was started",
    )


def test_how_a_command_ended_is_told_and_the_next_may_start(admin_client, command):
    command("import sys; sys.exit('no such bucket')")
    admin_client.post("/admin/app/run/start/")
    wait_for("ended with exit code 1")
    assert "no such bucket" in text_of(admin_client.get("/admin/app/run/start/"))
    deadline = timezone.now() + timedelta(seconds=20)
    while starting.progress().is_running and timezone.now() < deadline:
        pass
    answer = admin_client.post("/admin/app/run/start/", follow=True)
    assert messages_of(answer) == ["A run was started."]


def test_the_command_does_not_get_the_keys_of_the_site(admin_client, command, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "the-key")
    monkeypatch.setenv("DB_PASSWORD", "the-password")
    command("import os; print(os.environ.get('SECRET_KEY'), os.environ['DB_PASSWORD'])")
    admin_client.post("/admin/app/run/start/")
    wait_for("None the-password")


def test_a_command_that_does_not_exist_is_named(admin_client, command, settings):
    settings.START_RUN_COMMAND = ["/nowhere/job"]
    (said,) = messages_of(admin_client.post("/admin/app/run/start/", follow=True))
    assert "/nowhere/job cannot be started: No such file or directory" in said
    assert not LogEntry.objects.exists()


def test_nothing_is_started_while_a_job_loads(admin_client, command):
    command(WAITS)
    make_run("loading", finished_at=None, started_at=timezone.now() - timedelta(minutes=3))
    with lock_of_another():
        text = text_of(admin_client.get("/admin/app/run/start/"))
        assert "loading; it was started 3 minutes ago" in text
        (said,) = messages_of(admin_client.post("/admin/app/run/start/", follow=True))
    assert "a job is publishing right now" in said
    text = text_of(admin_client.get("/admin/app/run/start/"))
    assert "its job ended without reporting an error" in text
