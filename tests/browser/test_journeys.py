"""What people come for, from the first page to the last, as they would do it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.chromium import Look
from tests.support.processes import wait_until
from tests.support.server import get, production_site
from tests.support.targets import manage

GROUND = "getComputedStyle(document.body).backgroundColor"
both = pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])


def language(page: Page) -> str | None:
    return page.locator("html").get_attribute("lang")


@both
def test_a_reader_changes_to_chinese_and_stays_there(visit, script):
    page = visit("/", script=script)
    assert language(page) == "en"
    page.get_by_role("link", name="简体中文").click()
    assert language(page) == "zh-Hans"
    page.get_by_role("link", name="排行榜").first.click()
    expect(page).to_have_url("/movies/")
    assert language(page) == "zh-Hans"
    page.get_by_role("link", name="English").click()
    assert language(page) == "en"


def test_the_first_page_is_in_the_language_of_the_browser(visit):
    assert language(visit("/", Look(language="zh"))) == "zh-Hans"


def test_at_night_the_pages_are_dark(visit):
    page = visit("/movies/")
    by_day = page.evaluate(GROUND)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(GROUND) != by_day


def name_movie(page: Page, words: str, title: str) -> None:
    """On For you: look for a movie and add it."""
    named = page.locator(".named .title")
    before = named.count()
    page.locator("#q").fill(words)
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name=f"Add {title}").click()
    expect(named).to_have_count(before + 1)


@both
def test_three_movies_make_a_list_which_is_said_more_of_and_narrowed(movielens, visit, script):
    page = visit("/for-you/", script=script)
    name_movie(page, "godfather", "The Godfather 1972")
    name_movie(page, "alien", "Alien 1979")
    name_movie(page, "casablanca", "Casablanca 1942")
    entries, titles = page.locator("ol.picks > li"), page.locator("ol.picks .title")
    expect(entries).to_have_count(20)
    expect(entries.first).to_contain_text("Because of")
    first = titles.first.inner_text()
    entries.first.get_by_role("link", name="Not for me").click()
    expect(titles.first).not_to_have_text(first)
    assert first not in titles.all_inner_texts()
    page.get_by_label("Genre").select_option("Comedy")
    if not script:
        page.get_by_role("button", name="Narrow").click()
    expect(page).to_have_url(re.compile("genre=Comedy"))
    expect(page.locator("ol.picks .genres").filter(has_text="Comedy")).to_have_count(20)


FORMULA = re.compile(r"\((\S+) × (\S+) \+ (\S+) × (\S+)\) ÷ (\S+) = (\S+)")


@both
def test_a_movie_is_found_by_genre_and_decade_and_understood(movielens, visit, script):
    page = visit("/movies/", script=script)
    page.get_by_role("group", name="Any of these genres").get_by_label("Crime").check()
    if not script:
        page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("genre=Crime"))
    page.get_by_role("link", name="1990s").click()
    expect(page).to_have_url(re.compile("genre=Crime.*year_from=1990"))
    page.get_by_role("link", name="Pulp Fiction").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Pulp Fiction")
    expect(page.get_by_role("heading", name="Why rank 5")).to_be_visible()
    n, mean, m, prior, total, score = map(float, FORMULA.search(page.inner_text("main")).groups())
    assert total == n + m
    assert (n * mean + m * prior) / total == pytest.approx(score, abs=0.006)
    page.locator(".alike a").first.click()
    expect(heading).not_to_have_text("Pulp Fiction")


EXPORT = """Date,Name,Year,Letterboxd URI,Rating
2024-01-01,Léon: The Professional,1994,https://boxd.it/1,5
2024-01-02,The Godfather,1972,https://boxd.it/2,4.5
2024-01-03,Amélie,2001,https://boxd.it/3,4
2024-01-04,A Film That Nobody Made,1999,https://boxd.it/4,3
"""


@both
def test_an_export_of_letterboxd_becomes_a_list(movielens, visit, script):
    page = visit("/for-you/", script=script)
    page.get_by_role("link", name="Bring your ratings").click()
    file = {"name": "ratings.csv", "mimeType": "text/csv", "buffer": EXPORT.encode()}
    page.get_by_label("The file of your export").set_input_files(file)
    page.get_by_role("button", name="Find my movies").click()
    expect(page.locator("main")).to_contain_text("3 ratings were found here")
    expect(page.locator("main")).to_contain_text("A Film That Nobody Made")
    page.get_by_role("link", name="Show my list").click()
    expect(page.locator(".named .title")).to_have_count(3)
    expect(page.locator("ol.picks > li")).to_have_count(20)


def test_who_pages_while_something_is_published_reads_one_list_to_its_end(browser, own_copy):
    addresses = "() => [...document.querySelectorAll('a.title')].map((title) => title.pathname)"
    with (
        production_site(own_copy, WEB_CONCURRENCY="1") as address,
        Look().context(browser) as context,
    ):
        page = context.new_page()
        page.goto(f"{address}/movies/")
        seen = page.evaluate(addresses)
        manage(own_copy, "runs", "activate", "1")
        wait_until(lambda: b'"id":1' in get(f"{address}/health/")[1].replace(b" ", b""))
        for _ in range(2):
            page.get_by_role("link", name="Next").click()
            expect(page.locator("td.place").first).to_have_text(str(len(seen) + 1))
            seen += page.evaluate(addresses)
        assert len(set(seen)) == len(seen) == 3 * 50
        expect(page.locator("footer")).to_contain_text("run 2")
        page.get_by_role("link", name="Ranking").click()
        expect(page.locator("footer")).to_contain_text("run 1")
