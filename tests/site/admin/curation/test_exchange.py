"""Import and export of curation in the browser: CSV and JSON, shown first, all or nothing."""

import csv
import html
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from app.curation import backup, backup_format, csv_format, spreadsheet
from app.models import Curation, CurationChange, Movie
from tests.site.admin.pages import MOVIE, confirm, edit, messages_of, text_of
from tests.site.curation.backups import some_decisions
from tests.site.factories import curate, make_movie
from tests.site.publishing import lock_of_another

pytestmark = pytest.mark.django_db
IMPORT = "/admin/curation/import/"
HEADER = "movie_id,title,hidden,pinned_position,note,until"


def upload(client, content, **options):
    data = content if isinstance(content, bytes) else content.encode()
    return client.post(IMPORT, {"file": SimpleUploadedFile("curation", data), **options})


def agree(client, page):
    form = dict(re.findall(r'name="(agreed)" value="([^"]*)"', page.content.decode()))
    return client.post(IMPORT, form, follow=True)


def rows(*lines):
    return "\r\n".join([HEADER, *lines])


def problems(page):
    found = re.search(r'role="alert">(.*?)</div>', page.content.decode(), re.S)
    assert found, page.content.decode()
    return [html.unescape(one) for one in re.findall(r"<li>(.*?)</li>", found[1], re.S)]


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_an_export_comes_back_as_it_was(admin_client, kind):
    some_decisions()
    curate(make_movie(6, "=HYPERLINK(1)"), hidden=True, note="-1\n'+2 字 🎬")
    before = backup.decisions()
    answer = admin_client.get(f"/admin/curation/export.{kind}")
    assert f'filename="curation.{kind}"' in answer["Content-Disposition"]
    again = upload(admin_client, answer.content)
    assert "There is nothing to change" in text_of(again)
    Curation.objects.all().delete()
    page = upload(admin_client, answer.content)
    assert "This changes 4 movies." in text_of(page)
    assert not Curation.objects.exists(), "it asks first"
    (said,) = messages_of(agree(admin_client, page))
    assert "4 decisions were changed." in said
    assert backup.decisions() == before


def test_an_import_stands_in_the_history_and_is_undone_as_a_whole(admin_client, admin_user):
    make_movie(1)
    curate(make_movie(2), note="stays")
    before = backup.decisions()
    page = upload(
        admin_client, rows("1,Movie 1 (2000),yes,,why,", "2,Movie 2 (2000),,3,,2126-01-01")
    )
    text = text_of(page)
    assert "New decisions: 1; changed: 1; withdrawn: 0" in text
    assert "Movie 1 (2000) no decision hidden, note “why”" in text
    (said,) = messages_of(agree(admin_client, page))
    one, two = backup.decisions()
    assert (one.hidden, one.note, one.decided_by) == (True, "why", "admin")
    assert (two.pinned_position, two.until) == (3, datetime(2126, 1, 1, 23, 59, 59, tzinfo=UTC))
    changes = CurationChange.objects.values_list("way", "changed_by", "batch")
    assert {(way, by) for way, by, _ in changes} == {("import", admin_user.pk)}
    undo = re.search('href="([^"]+)"', said)[1]
    confirm(admin_client, admin_client.get(undo))
    assert backup.decisions() == before


def test_what_the_file_does_not_hold_is_withdrawn_where_that_is_asked_for(admin_client):
    curate(make_movie(1), hidden=True)
    curate(make_movie(2), hidden=True)
    page = upload(admin_client, rows("1,Movie 1 (2000),yes,,,"), replace="on")
    assert "withdrawn: 1" in text_of(page)
    agree(admin_client, page)
    assert [one.movie_id for one in backup.decisions()] == [1]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("x,Movie 1 (2000),,,,", "line 3: movie_id: must be a whole number from 1 to 2147483647"),
        ("1,Movie 1 (2000),maybe,,,", "line 3: hidden: must be true or false"),
        ("1,Movie 1 (2000),,0,,", "line 3: pinned_position: must be a whole number from 1"),
        ("1,Movie 1 (2000),,,,tomorrow", "line 3: until: must be a time with its zone"),
        ("1,Movie 1 (2000),yes,2,,", "line 3: is both hidden and pinned"),
        ("1,Movie 1 (2000)", "line 3: has 2 cells, the first has 6"),
        ("9,Heat (1995),yes,,,", "line 3, movie 9: “Heat (1995)” is not in the catalogue"),
        ("1,Heat (1995),yes,,,", "line 3, movie 1: “Heat (1995)” in the file is “Movie 1 (2000)”"),
        ("1,Movie 1 (2000),,7,,", "line 3, movie 1: “Movie 1 (2000)” and 3, “Movie 3 (2000)”, are"),
        ("2,Movie 2 (2000),yes,,,", "line 3: is in the file twice"),
        ('1,"Movie 1', "line 3: unexpected end of data"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_by_line_and_nothing_is_imported(
    admin_client, line, problem
):
    make_movie(1)
    make_movie(2)
    curate(make_movie(3), pinned_position=7)
    page = upload(admin_client, rows("2,Movie 2 (2000),yes,,,", line))
    assert problems(page)[0].startswith(problem), problems(page)
    assert "Nothing was imported." in text_of(page)
    assert Curation.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "line 1: columns are missing: movie_id, title, hidden"),
        (b"\x89PNG\r\n\x1a\n\0\0", "this is not text in UTF-8"),
        ("movie_id,片名".encode("gbk"), "this is not text in UTF-8: save it as “CSV UTF-8”"),
        (b"{", "this is not JSON in UTF-8"),
        (b'{"format": "other"}', "this is not an export of curation"),
        (f"{HEADER},rank,note".encode(), "line 1: twice: note"),
        (f"{HEADER},rank".encode(), "line 1: unknown columns: rank"),
        (f'{HEADER}\n1,"a"b,,,,'.encode(), "line 2: "),
    ],
)
def test_a_file_that_is_no_export_is_refused_with_the_reason(admin_client, content, problem):
    page = upload(admin_client, content or b"\n")
    assert problems(page)[0].startswith(problem), problems(page)


def test_a_form_without_a_file_or_with_a_large_one_says_so(admin_client):
    assert "This field is required" in text_of(admin_client.post(IMPORT, {}))
    assert "larger than 1 MB" in text_of(upload(admin_client, b"x" * 1_000_001))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(",", ";"),
        lambda text: text.replace(",", "\t"),
        lambda text: text.replace("\r\n", "\n") + "\n\n",
        lambda text: text.replace("true", "TRUE"),
    ],
    ids=["semicolons", "tabs", "line ends", "capitals"],
)
def test_what_spreadsheets_make_of_a_file_is_understood(change):
    text = change(rows("1,Alien,true,,why,"))
    (found,) = csv_format.load(text.encode("utf-8-sig"), user="anna", now=timezone.now()).decisions
    assert (found.title, found.hidden, found.note, found.decided_by) == (
        "Alien", True, "why", "anna",
    )  # fmt: skip
    wide = csv_format.load(text.encode("utf-16"), user="anna", now=timezone.now())
    assert wide.decisions[0].title == "Alien"


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1", "'=1", "''-x", "'quoted'", "", "a=1"]
)
def test_no_cell_is_a_formula_and_all_come_back(text):
    safe = spreadsheet.defuse(text)
    assert not safe or safe[0] not in "=+-@\t\r\n＝＋－＠"
    assert spreadsheet.restore(safe) == text


def test_the_exported_cells_are_defused(admin_client):
    curate(make_movie(1, "=cmd|' /C calc'!A0"), hidden=True, note="@SUM(1)")
    content = admin_client.get("/admin/curation/export.csv").content.decode("utf-8-sig")
    _header, row = csv.reader(io.StringIO(content))
    assert row[1].startswith("'=cmd") and row[4] == "'@SUM(1)"


def test_what_was_agreed_to_is_asked_again_where_somebody_changed_it(admin_client, other_client):
    make_movie(1)
    page = upload(admin_client, rows("1,Movie 1 (2000),yes,,,"))
    edit(other_client, MOVIE, note="mind this")
    again = agree(admin_client, page)
    assert "One of these decisions was changed" in messages_of(again)[0]
    assert "note “mind this” hidden" in text_of(again)
    assert not Curation.objects.get().hidden
    agree(admin_client, again)
    assert Curation.objects.get().hidden


def test_nobody_agrees_for_another_or_by_a_forged_page(admin_client, other_client):
    make_movie(1)
    page = upload(admin_client, rows("1,Movie 1 (2000),yes,,,"))
    assert "has expired" in messages_of(agree(other_client, page))[0]
    forged = admin_client.post(IMPORT, {"agreed": "x:y"}, follow=True)
    assert "has expired" in messages_of(forged)[0]
    assert not Curation.objects.exists()


def test_what_the_catalogue_lost_meanwhile_keeps_all_from_being_imported(admin_client):
    make_movie(1)
    make_movie(2)
    page = upload(admin_client, rows("1,Movie 1 (2000),yes,,,", "2,Movie 2 (2000),yes,,,"))
    Movie.objects.filter(pk=2).delete()
    assert "is not in the catalogue" in problems(agree(admin_client, page))[0]
    assert not Curation.objects.exists()


def test_nothing_is_imported_while_a_job_publishes(admin_client):
    make_movie(1)
    with lock_of_another():
        page = upload(admin_client, rows("1,Movie 1 (2000),yes,,,"))
    assert "a job is publishing right now" in problems(page)[0]


def test_a_file_of_the_command_line_is_taken_in_the_browser(admin_client):
    some_decisions()
    document = backup_format.dump(backup.decisions())
    Curation.objects.update(until=timezone.now() + timedelta(days=1))
    agree(admin_client, upload(admin_client, document))
    assert backup_format.dump(backup.decisions()) == document
