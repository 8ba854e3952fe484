"""Rejected rows in the admin: read page by page, and as a file."""

import csv
import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from app.admin.runs import rejected_rows
from app.models import RejectedRow
from tests.site.admin.pages import text_of
from tests.site.admin.runs.run_pages import page_of
from tests.site.factories import make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def rejecting(monkeypatch):
    monkeypatch.setattr(rejected_rows, "PAGE", 2)
    run = make_run(rejected_by_reason={"ratings": {"bad_id": 900, "malformed": 1}})
    for n in range(3):
        RejectedRow.objects.create(run=run, file="ratings.csv", reason="bad_id", raw=f"x{n},1,4")
    RejectedRow.objects.create(run=run, file="ratings.csv", reason="malformed", raw="=1+1,2")
    RejectedRow.objects.create(run=make_run("failed"), file="x", reason="bad_id", raw="others")
    return run


def test_rejected_rows_are_read_by_reason_and_page_by_page(admin_client, rejecting):
    address = page_of(rejecting, "rejected")
    first = admin_client.get(f"{address}?reason=bad_id")
    text = text_of(first)
    assert "x0,1,4" in text and "x1,1,4" in text and "x2,1,4" not in text
    assert "900" in text, "the run's own count, beside the sample"
    following = re.search(r'href="(\?reason=bad_id&amp;after=\d+)"', first.content.decode())[1]
    text = text_of(admin_client.get(address + following.replace("&amp;", "&")))
    assert "x2,1,4" in text and "x1,1,4" not in text
    assert "Next rows" not in text
    assert "others" not in text_of(admin_client.get(address))
    for junk in ("?after=x", "?after=99999999999999999999", "?reason=nothing", "?reason=%00"):
        assert "x0,1,4" in text_of(admin_client.get(address + junk)) or "reason" in junk


def test_rejected_rows_are_a_file_in_which_no_formula_is_left(admin_client, rejecting):
    answer = admin_client.get(f"/admin/app/run/{rejecting.pk}/rejected.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert f"run-{rejecting.pk}-rejected.csv" in answer["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert rows[0] == ["file", "reason", "row"]
    assert rows[1] == ["ratings.csv", "bad_id", "x0,1,4"]
    assert rows[-1] == ["ratings.csv", "malformed", "'=1+1,2"]
    of_one = admin_client.get(f"/admin/app/run/{rejecting.pk}/rejected.csv?reason=malformed")
    assert of_one.getvalue().decode().count("\n") == 2


def test_a_page_of_rejected_rows_counts_nothing(admin_client, rejecting):
    with CaptureQueriesContext(connection) as queries:
        admin_client.get(page_of(rejecting, "rejected"))
    statements = [one["sql"] for one in queries]
    assert len(statements) <= 8
    assert not [one for one in statements if "COUNT(" in one]
