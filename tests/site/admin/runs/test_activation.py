"""A run is made current in the admin, and the one before it again."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from app.models import Run
from tests.site.admin.pages import messages_of, text_of
from tests.site.admin.runs.run_pages import former_movie, page_of
from tests.site.factories import make_run, rate
from tests.site.publishing import lock_of_another, statuses

pytestmark = pytest.mark.django_db


def agree(client, run):
    """Open the page that asks, and press its button."""
    page = client.get(page_of(run, "activate"))
    assert page.status_code == 200, page
    form = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.content.decode()))
    return client.post(page_of(run, "activate"), form, follow=True)


def test_a_former_run_is_made_current_and_back_by_the_same_page(
    admin_client, admin_user, client, former, current
):
    asked = text_of(admin_client.get(page_of(former, "activate")))
    assert f"Readers see run {current.pk} now, with 3 movies" in asked
    assert "Entered the ranking: 1 " in asked and "Left the ranking: 1 " in asked
    assert statuses() == {former.pk: "superseded", current.pk: "current"}, "it asks first"
    (said,) = messages_of(agree(admin_client, former))
    assert f"Run {former.pk} is current" in said
    assert f"/admin/app/run/{current.pk}/activate/" in said, "the way back"
    assert client.get("/recommendations/").json()["run"] == former.pk
    agree(admin_client, current)
    assert client.get("/recommendations/").json()["run"] == current.pk
    entries = LogEntry.objects.order_by("id").values_list("user", "object_id", "change_message")
    assert list(entries) == [
        (admin_user.pk, str(former.pk), f"made current in place of run {current.pk}"),
        (admin_user.pk, str(current.pk), f"made current in place of run {former.pk}"),
    ]


def test_a_second_click_does_nothing_and_says_so(admin_client, other_client, former, current):
    agree(other_client, former)
    answer = admin_client.post(page_of(former, "activate"), {"instead_of": current.pk}, follow=True)
    (said,) = messages_of(answer)
    assert said == f"Nothing was changed: run {former.pk} is already current."
    assert LogEntry.objects.count() == 1


def test_what_was_agreed_to_is_not_done_where_another_run_is_current_by_now(
    admin_client, other_client, former, current
):
    third = make_run("superseded")
    rate(third, former_movie(former, 1), rank=1)
    agree(other_client, third)
    answer = admin_client.post(page_of(former, "activate"), {"instead_of": current.pk}, follow=True)
    (said,) = messages_of(answer)
    assert f"run {third.pk} became current in the meantime" in said
    without = admin_client.post(page_of(former, "activate"), follow=True)
    assert "became current in the meantime" in messages_of(without)[0]
    assert Run.objects.current().get() == third


def test_a_run_without_rows_cannot_be_made_current(admin_client, current, former):
    purged = make_run("superseded", purged_at=timezone.now())
    empty, failed = make_run("superseded"), make_run("failed")
    for run in (purged, empty, failed):
        for way in (admin_client.get, admin_client.post):
            answer = way(page_of(run, "activate"), {"instead_of": current.pk}, follow=True)
            assert f"run {run.pk} has no rows to serve" in messages_of(answer)[0]
    assert Run.objects.current().get() == current


def test_nothing_is_made_current_while_a_job_publishes(admin_client, former, current):
    with lock_of_another():
        (said,) = messages_of(agree(admin_client, former))
    assert "a job is publishing right now" in said
    assert Run.objects.current().get() == current
    assert not LogEntry.objects.exists()
