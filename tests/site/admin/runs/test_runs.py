"""Runs in the admin: looked at, and neither changed nor deleted."""

import pytest
from django.utils import timezone

from app.models import Run
from tests.site.admin.pages import text_of
from tests.site.admin.runs.run_pages import page_of
from tests.site.factories import evaluation, make_run

pytestmark = pytest.mark.django_db


def test_the_list_of_runs_says_how_good_each_is_and_what_can_be_served(admin_client, current):
    gone = make_run("superseded", purged_at=timezone.now())
    text = text_of(admin_client.get("/admin/app/run/"))
    assert "0.500" in text and "0.200" in text
    assert str(gone.pk) in text


def test_the_page_of_a_run_tells_figures_gates_evaluation_and_what_was_rejected(admin_client):
    run = make_run(
        evaluation=evaluation(0.5),
        overruled_gates={"top_replaced": "58 of 100 are left"},
        ratings_accepted=1_234_567,
        ratings_read=1_234_569,
    )
    text = text_of(admin_client.get(page_of(run)))
    assert "1,234,567" in text
    assert "overruled" in text and "58 of 100 are left" in text
    assert "personal lists 600 0.500" in text
    assert "bad_id a user or movie id is not a whole number" in text


def test_a_failed_run_says_why(admin_client):
    run = make_run("failed", error="disk full", finished_at=None)
    text = text_of(admin_client.get(page_of(run)))
    assert "disk full" in text and "never published" in text


def test_no_run_can_be_deleted_and_none_changed(admin_client, current):
    assert admin_client.post(page_of(current, "delete"), {"post": "yes"}).status_code == 403
    assert admin_client.post(page_of(current), {"status": "failed"}).status_code == 403
    action = {"action": "delete_selected", "_selected_action": [current.pk], "post": "yes"}
    admin_client.post("/admin/app/run/", action)
    assert Run.objects.filter(pk=current.pk, status="current").exists()
