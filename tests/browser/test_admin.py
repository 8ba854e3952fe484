"""An hour of a curator's, and an operator's way back to a former run and forward again."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, copy_of
from tests.support.chromium import Look, Recorder, violations
from tests.support.processes import wait_until
from tests.support.server import get, production_site
from tests.support.targets import manage

PASSWORD = "a-password-of-the-tests"
USERS = f"""
from django.contrib.auth.models import Group, User
User.objects.create_superuser("superuser", password="{PASSWORD}")
for name in ("curator", "operator"):
    user = User.objects.create_user(name, password="{PASSWORD}", is_staff=True)
    user.groups.add(Group.objects.get(name=name))
"""
NOTE = "值得一看 🎬"


@pytest.fixture(scope="module")
def address(published, tmp_path_factory) -> Iterator[str]:
    """One site for all tests here; each leaves it as it was."""
    target = copy_of(published, tmp_path_factory.mktemp("admin"))
    manage(target, "shell", "--no-imports", "--command", USERS)
    with production_site(target) as address:
        yield address


@pytest.fixture
def open_as(browser, address):
    """Log in; yields a function that does it for a group."""
    contexts = []

    def open_as(name: str, look: Look = DESKTOP) -> Page:
        contexts.append(look.context(browser, base_url=address))
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
    status, body = get(f"{address}/recommendations/?limit={limit}")
    assert status == 200
    return [movie["movie_id"] for movie in json.loads(body)["results"]]


def decide(page: Page, action: str, *movies: int) -> None:
    """Tick movies in the list, and choose an action."""
    page.goto("/admin/app/movie/")
    for movie in movies:
        page.locator(f"input[name=_selected_action][value='{movie}']").check()
    page.get_by_label("Action:").select_option(label=action)
    page.get_by_role("button", name="Go").click()


def confirm(page: Page, action: str, count: int) -> str:
    """Do it; the address of the way back."""
    page.get_by_role("button", name=f"{action} ({count})").click()
    return page.locator(".messagelist").get_by_role("link", name="Undo").get_attribute("href") or ""


def undo(page: Page, way_back: str) -> None:
    page.goto(way_back)
    page.get_by_role("button", name=re.compile("Put back")).click()


def pin(page: Page, movie: int, position: int) -> None:
    decide(page, "Pin", movie)
    page.get_by_label("Position").fill(str(position))
    page.get_by_role("button", name="Show what will change").click()


def test_a_curator_s_hour(open_as, address):
    first, second, third, fourth, fifth, *_ = before = ranking(address)
    page = open_as("curator")

    decide(page, "Hide", first, second, third)
    expect(page.locator("#content")).to_contain_text("This changes 3 movies")
    ways_back = [confirm(page, "Hide", 3)]
    wait_until(lambda: ranking(address)[0] == fourth, what="hiding")

    pin(page, fifth, 1)
    ways_back.append(confirm(page, "Pin", 1))
    wait_until(lambda: ranking(address)[:2] == [fifth, fourth], what="pinning")
    pin(page, fourth, 1)
    expect(page.locator("#content")).to_contain_text("position 1 is taken")

    decide(page, "Publish the note", fifth)
    page.get_by_label("Public note").fill(NOTE)
    page.get_by_role("button", name="Show what will change").click()
    ways_back.append(confirm(page, "Publish the note", 1))
    wait_until(lambda: NOTE in get(f"{address}/movies/{fifth}/", Accept="text/html")[1].decode())

    many = ",".join(map(str, ranking(address, 100)[1:]))
    page.goto(f"/admin/app/movie/decide/hide/?movies={many}")
    way_back = confirm(page, "Hide", 99)
    wait_until(lambda: fourth not in ranking(address), what="hiding many")
    undo(page, way_back)
    wait_until(lambda: ranking(address)[:2] == [fifth, fourth], what="the way back")

    for way_back in reversed(ways_back):
        undo(page, way_back)
    wait_until(lambda: ranking(address) == before, what="all of it undone")


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
    "movie": "/admin/app/movie/318/change/",
    "bulk": "/admin/app/movie/decide/hide/?movies=318,858",
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


def test_a_curator_is_refused_what_is_not_a_curator_s(open_as):
    page = open_as("curator")
    for path in ("/admin/app/run/", "/admin/app/run/1/change/", "/admin/people/"):
        assert page.goto(path).status == 403
        expect(page.get_by_role("heading", name="Not allowed")).to_be_visible()
