"""An hour of a curator's, and an operator's way back to a former run and forward again."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, copy_of
from tests.support.chromium import Look, Recorder, violations
from tests.support.processes import wait_until
from tests.support.server import PRODUCTION, get, production_site, site
from tests.support.targets import SQLiteTarget, manage

PASSWORD = "a-password-of-the-tests"
USERS = f"""
from django.contrib.auth.models import Group, User
User.objects.create_superuser("superuser", password="{PASSWORD}")
for name in ("curator", "operator"):
    user = User.objects.create_user(name, password="{PASSWORD}", is_staff=True)
    user.groups.add(Group.objects.get(name=name))
"""
NOTE = "值得一看 🎬"
MOVIE = 318


@pytest.fixture(scope="module")
def target(published, tmp_path_factory) -> SQLiteTarget:
    """What is published, with the users above."""
    target = copy_of(published, tmp_path_factory.mktemp("admin"))
    manage(target, "shell", "--no-imports", "--command", USERS)
    return target


@pytest.fixture(scope="module")
def address(target) -> Iterator[str]:
    """One site for all tests here; each leaves it as it was.

    Of one process: another could still answer from a second before.
    """
    with production_site(target, WEB_CONCURRENCY="1") as address:
        yield address


@pytest.fixture
def elsewhere(target, address, tmp_path) -> Iterator[str]:
    """The same site at another machine, with a database of its own."""
    quiet = PRODUCTION | {"ACCESS_LOG": "0", "WEB_CONCURRENCY": "1"}
    with site(copy_of(target, tmp_path), log=None, **quiet) as address:
        yield address


@pytest.fixture
def open_as(browser, address):
    """Log in; yields a function that does it for a group."""
    contexts = []

    def open_as(name: str, look: Look = DESKTOP, at: str = address) -> Page:
        contexts.append(look.context(browser, base_url=at))
        page = contexts[-1].new_page()
        page.goto("/admin/")
        page.fill("#id_username", name)
        page.fill("#id_password", PASSWORD)
        page.locator("[type=submit]").click()
        return page

    yield open_as
    for context in contexts:
        context.close()


def ranking(address: str, limit: int = 10) -> list[int]:
    """The ids at the head of the list, as readers see it."""
    return [movie["movie_id"] for movie in _list(address, f"limit={limit}")["results"]]


def rated(address: str) -> int:
    """How many movies readers can see, however few ratings they have."""
    return int(_list(address, "limit=1&min_ratings=0")["count"])


def _list(address: str, query: str) -> dict:
    status, body = get(f"{address}/recommendations/?{query}")
    assert status == 200
    return json.loads(body)


def decide(page: Page, action: str, *movies: int) -> None:
    """Tick movies in the list, and choose an action."""
    page.goto("/admin/app/movie/")
    for movie in movies:
        page.locator(f"input[name=_selected_action][value='{movie}']").check()
    choose(page, action)


def choose(page: Page, action: str) -> None:
    page.get_by_label("Action:").select_option(label=action)
    page.get_by_role("button", name="Go").click()


def decide_many(page: Page, action: str) -> None:
    """Tick all of the second page of 200 rows."""
    page.goto("/admin/app/movie/")
    page.get_by_role("link", name="200 movies on a page").click()
    page.locator(".paginator").get_by_role("link", name="2", exact=True).click()
    page.locator("#action-toggle").check()
    choose(page, action)


def fill_in(page: Page, **values: str) -> None:
    """What the page asks for, by its label."""
    for label, value in values.items():
        page.get_by_label(label.replace("_", " ")).fill(value)
    page.get_by_role("button", name="Show what will change").click()


def confirm(page: Page, action: str, count: int) -> str:
    """Do it; the address of the way back."""
    page.get_by_role("button", name=f"{action} ({count})").click()
    return page.locator(".messagelist").get_by_role("link", name="Undo").get_attribute("href") or ""


def undo(page: Page, way_back: str) -> None:
    page.goto(way_back)
    page.get_by_role("button", name=re.compile("Restore")).click()


def export(page: Page, folder: Path) -> Path:
    """The decisions, as the first page gives them."""
    page.goto("/admin/")
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON").click()
    file = folder / "curation.json"
    download.value.save_as(file)
    return file


def import_(page: Page, file: Path, count: int) -> None:
    """Look at what it would change, and agree."""
    page.goto("/admin/")
    page.get_by_role("link", name="Import").click()
    page.get_by_label("CSV or JSON file").set_input_files(file)
    page.get_by_role("button", name="Show what would change").click()
    expect(page.locator("#content")).to_contain_text(f"New decisions: {count}; changed: 0")
    expect(page.locator("table.changes tbody tr")).to_have_count(min(count, 200))
    page.get_by_role("button", name=f"Import ({count})").click()
    expect(page.get_by_text(f"{count} decisions were changed.")).to_be_visible()


def test_a_curator_s_hour(open_as, address, elsewhere, tmp_path):
    first, second, third, fourth, fifth, sixth, *_ = before = ranking(address)
    all_rated = rated(address)
    page = open_as("curator")

    decide(page, "Hide", first, second, third)
    expect(page.locator("#content")).to_contain_text("This changes 3 movies")
    ways_back = [confirm(page, "Hide", 3)]
    wait_until(lambda: ranking(address)[0] == fourth, what="hiding")

    decide(page, "Pin", fifth, sixth)
    fill_in(page, Position="1")
    ways_back.append(confirm(page, "Pin", 2))
    wait_until(lambda: ranking(address)[:3] == [fifth, sixth, fourth], what="pinning")
    decide(page, "Pin", fourth)
    fill_in(page, Position="2")
    expect(page.locator("#content")).to_contain_text("position 2 is taken")

    decide(page, "Publish the note", fifth)
    fill_in(page, Public_note=NOTE)
    ways_back.append(confirm(page, "Publish the note", 1))
    wait_until(lambda: NOTE in get(f"{address}/movies/{fifth}/", Accept="text/html")[1].decode())

    day = (timezone.now() + timedelta(days=3)).date()
    decide(page, "Set the end", fifth, sixth)
    fill_in(page, Date=day.isoformat())
    ways_back.append(confirm(page, "Set the end", 2))
    expect(page.locator(".field-decision").filter(has_text=f"until {day:%m/%d/%Y}")).to_have_count(
        2
    )

    decide_many(page, "Hide")
    ways_back.append(confirm(page, "Hide", 200))
    wait_until(lambda: rated(address) == all_rated - 203, what="hiding many")

    file, there = export(page, tmp_path), open_as("curator", at=elsewhere)
    import_(there, file, 205)
    curated = ranking(address, 100)
    wait_until(lambda: ranking(elsewhere, 100) == curated, what="the same list elsewhere")
    assert rated(elsewhere) == all_rated - 203
    assert export(there, tmp_path / "there").read_bytes() == file.read_bytes()

    for way_back in reversed(ways_back):
        undo(page, way_back)
    wait_until(lambda: ranking(address) == before, what="all of it undone")
    assert rated(address) == all_rated


def test_an_operator_goes_back_to_a_former_run_and_forward_again(open_as, address):
    page = open_as("operator")
    for run in (1, 2):
        page.goto(f"/admin/app/run/{run}/change/")
        page.get_by_role("link", name="Make current").click()
        page.get_by_role("button", name=f"Make run {run} current").click()
        expect(page.get_by_text(f"Run {run} is current")).to_be_visible()
        wait_until(lambda run=run: f'"id":{run}'.encode() in get(f"{address}/health/")[1])


PAGES = {
    "home": "/admin/",
    "movies": "/admin/app/movie/",
    "movie": f"/admin/app/movie/{MOVIE}/change/",
    "bulk": f"/admin/app/movie/decide/hide/?movies={MOVIE},858",
    "bulk-until": f"/admin/app/movie/decide/until/?movies={MOVIE}",
    "history": "/admin/app/curationchange/",
    "import": "/admin/curation/import/",
    "runs": "/admin/app/run/",
    "run": "/admin/app/run/2/change/",
    "compare": "/admin/app/run/2/compare/?with=1",
    "activate": "/admin/app/run/1/activate/",
    "people": "/admin/people/",
}


@pytest.mark.parametrize("look", [Look(), Look("phone", "dark", "zh")], ids=str)
def test_the_admin_s_own_pages_are_whole_and_axe_finds_nothing(open_as, look):
    page, recorder, said, found = open_as("superuser", look), Recorder(), [], []
    recorder.watch(page)
    for name, path in PAGES.items():
        recorder.console.clear()  # axe-core itself tries what the policy forbids
        assert page.goto(path).status == 200, path
        assert (page.locator("html").get_attribute("lang") or "").startswith(look.language)
        said += recorder.console
        found += [f"{name} {violation}" for violation in violations(page, look)]
    assert (said, found) == ([], [])


@pytest.mark.parametrize("look", [Look(), Look("phone", "dark", "zh")], ids=str)
def test_an_end_is_given_by_the_browser_s_own_calendar_and_the_console_stays_empty(open_as, look):
    page, recorder = open_as("curator", look), Recorder()
    recorder.watch(page)
    page.goto(f"/admin/app/movie/{MOVIE}/change/")
    until = page.locator("[name^=curation-0-until]")
    assert [one.get_attribute("type") for one in until.all()] == ["date", "time"]
    page.locator("[name=curation-0-note]").fill(NOTE)
    until.nth(0).fill("2099-12-31")
    until.nth(1).fill("18:00")
    page.locator("[name=_continue]").click()
    expect(until.nth(1)).to_have_value("18:00:00")
    expect(until.nth(0)).to_have_value("2099-12-31")
    page.locator("[name=curation-0-DELETE]").check()
    page.locator("[name=_continue]").click()
    for place in (0, 1):
        expect(until.nth(place)).to_have_value("")
    assert recorder.console == []


def test_a_curator_is_refused_what_is_not_a_curator_s(open_as):
    page = open_as("curator")
    for path in ("/admin/app/run/", "/admin/app/run/1/change/", "/admin/people/"):
        assert page.goto(path).status == 403
        expect(page.get_by_role("heading", name="Not allowed")).to_be_visible()
