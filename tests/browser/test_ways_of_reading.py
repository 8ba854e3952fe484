"""Pages for those who use a keyboard, zoom, want no motion, have no JavaScript, or print."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.pages import PAGES
from tests.support.chromium import Look

ZOOMED = 640
"""A window of 1280 pixels at 200 %."""
PHONES = (390, 320)
MOST_STOPS = 40
FOCUSED = """
() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  return {
    html: element.outerHTML.slice(0, 160),
    address: element.getAttribute("href"),
    isOnPage: element !== document.body,
    isMarked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1,
    isVisible: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
  };
}
"""
MOVING = """
() => [...document.querySelectorAll("*")].filter((element) => {
  const style = getComputedStyle(element);
  const lasts = (value) => value.split(",").some((time) => parseFloat(time) > 0.01);
  return (style.animationName !== "none" && lasts(style.animationDuration))
    || lasts(style.transitionDuration);
}).map((element) => element.outerHTML.slice(0, 160))
"""
TOO_WIDE = """
() => {
  const width = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= width) return [];
  const scrolls = (element) => getComputedStyle(element).overflowX !== "visible";
  const isCaught = (element) => element !== document.body
    && (scrolls(element) || isCaught(element.parentElement));
  return [...document.body.querySelectorAll("*")]
    .filter((element) => element.getBoundingClientRect().right > width + 1 && !isCaught(element))
    .map((element) => element.outerHTML.slice(0, 160));
}
"""


@pytest.fixture(scope="module", params=PAGES)
def page(request, browser, served) -> Iterator[Page]:
    """A page that is open for all tests here: each of them sets what it depends on."""
    with Look().context(browser) as context:
        page = context.new_page()
        page.goto(served.url(request.param))
        yield page


def test_the_keyboard_leads_through_a_page_with_its_place_in_sight(page):
    page.set_viewport_size(Look().viewport)
    page.keyboard.press("Tab")
    first = page.evaluate(FOCUSED)
    assert first["address"].startswith("#"), first  # past the navigation
    page.keyboard.press("Enter")
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if not focused["isOnPage"]:
            break
        assert focused["isMarked"] and focused["isVisible"], focused


@pytest.mark.parametrize("width", [ZOOMED, *PHONES])
def test_zoomed_in_and_on_a_phone_nothing_is_beyond_the_edge(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate(TOO_WIDE) == []


def test_nothing_moves_for_those_who_asked_for_that(page):
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(MOVING) == []


def test_without_javascript_a_page_has_the_same_parts(page, visit):
    parts = ":is(h1, h2, h3):visible"
    with_script = page.locator(parts).all_inner_texts()
    assert visit(page.url, script=False).locator(parts).all_inner_texts() == with_script != []


def test_the_ranking_on_paper_is_its_rows(visit):
    page = visit("/movies/")
    page.emulate_media(media="print")
    for element in page.locator("form, header nav, nav.pager").all():
        assert not element.is_visible()
    assert page.locator("main h1").is_visible()
    assert page.locator("table.ranked .title").first.is_visible()
    assert page.locator("main a[href^='/movies/']:visible").count() >= 20
