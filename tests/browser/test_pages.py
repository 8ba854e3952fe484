"""Every page in a real browser: what it weighs, whether it holds still, what axe-core finds.

Of size, light and language each pair of values is looked at, not each triple: what a page looks
like follows from one or two of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from tests.browser.pages import PAGES, Published
from tests.support.chromium import Look, Recorder, scroll_through, violations

LOOKS = {
    Look("desktop", "light", "en"): Look("phone", "dark", "en"),
    Look("phone", "light", "zh"): Look("desktop", "dark", "zh"),
}
"""How a page is loaded -> how it is looked at once more, without loading it again."""
MOST_BYTES, MOST_SCRIPT = 60 * 1024, 20 * 1024
every_page = pytest.mark.parametrize("name", PAGES)
every_look = pytest.mark.parametrize("look", LOOKS, ids=str)

UNTRANSLATED = """
() => {
  const foreign = "[lang=en], [translate=no], code, pre, script, style";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.parentElement.closest(foreign)) found.push(node.data.trim());
  }
  const isEnglish = (text) => /[A-Za-z]{2,}[ ,]+[A-Za-z]{2,}/.test(text);
  return found.filter((text) => isEnglish(text) && !/[\u3400-\u9fff]/.test(text));
}
"""
"""Texts with two words of English in a row that are not said to be English."""


SEEN_SHIFT = 0.005
"""Below, browsers report 0.00: a page may be drawn before its last lines are there."""


@dataclass
class Visit:
    """What a page was like."""

    sizes: dict[str, int]
    console: list[str]
    layout_shifts: list
    violations: list[str]
    untranslated: list[str]


@pytest.fixture(scope="package")
def visited(browser, served) -> Callable[[str, Look], Visit]:
    """Look at a page once for all tests."""
    visits: dict[tuple[str, Look], Visit] = {}

    def visited(name: str, look: Look) -> Visit:
        if (name, look) not in visits:
            visits[name, look] = _visit(browser, served, name, look)
        return visits[name, look]

    return visited


def _visit(browser: Browser, served: Published, name: str, look: Look) -> Visit:
    recorder = Recorder()
    with look.context(browser) as context:
        page = context.new_page()
        recorder.watch(page)
        page.goto(served.url(name))
        scroll_through(page)
        shifts = page.evaluate("window.layoutShifts")
        found = violations(page, look)
        LOOKS[look].apply(page)
        found += violations(page, LOOKS[look])
        sizes, untranslated = recorder.sizes(), page.evaluate(UNTRANSLATED)
        return Visit(sizes, recorder.console, shifts, found, untranslated)


@every_page
@every_look
def test_a_page_comes_in_60_kb_covers_and_all_and_20_kb_of_script(visited, name, look):
    sizes = visited(name, look).sizes
    assert sizes["document"] > 0
    assert sum(sizes.values()) <= MOST_BYTES, sizes
    assert sizes["script"] <= MOST_SCRIPT


@every_page
@every_look
def test_nothing_moves_while_a_page_loads_and_is_read(visited, name, look):
    shifts = visited(name, look).layout_shifts
    assert sum(score for score, *_ in shifts) < SEEN_SHIFT, shifts


@every_page
@every_look
def test_a_page_is_whole_under_the_site_s_own_policy(visited, name, look):
    assert visited(name, look).console == []


@every_page
@every_look
def test_axe_finds_nothing(visited, name, look):
    assert visited(name, look).violations == []


@every_page
def test_a_chinese_page_has_no_english_sentence(visited, name):
    assert visited(name, Look("phone", "light", "zh")).untranslated == []


def test_what_the_tests_above_look_for_they_would_find(browser, tmp_path):
    page_ = tmp_path / "page.html"
    policy = '<meta http-equiv="Content-Security-Policy" content="script-src \'none\'">'
    page_.write_text(
        f"{policy}<img src=missing.png><p>Two words<script>document.title = 1</script>"
    )
    recorder, look = Recorder(), Look()
    with look.context(browser) as context:
        page = context.new_page()
        recorder.watch(page)
        page.goto(page_.as_uri())
        page.evaluate("document.querySelector('p').style.marginTop = '300px'")
        scroll_through(page)
        shifts = page.evaluate("window.layoutShifts")
        found, untranslated = violations(page, look), page.evaluate(UNTRANSLATED)
    assert any("violates the following Content Security Policy" in say for say in recorder.console)
    assert any(say.startswith("failed: ") for say in recorder.console)
    assert shifts
    assert any("image-alt" in violation for violation in found)
    assert untranslated == ["Two words"]
