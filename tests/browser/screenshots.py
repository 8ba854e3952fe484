"""Pictures of every page. bin/screenshots prepares the machine and calls

python -m tests.browser.screenshots FOLDER [ADDRESS]

Without an address, of a site of its own.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser

from tests.browser.pages import PAGES, look_up
from tests.support.chromium import Look, chromium, scroll_through
from tests.support.data import generate, real_data
from tests.support.published import publish_two_runs
from tests.support.server import production_site
from tests.support.targets import SQLiteTargets

LOOKS = (
    Look("desktop", "light", "en"),
    Look("phone", "light", "en"),
    Look("desktop", "dark", "en"),
    Look("desktop", "light", "zh"),
    Look("phone", "dark", "zh"),
)
MOST_HEIGHT = 2_400
"""Pixels: the rest of a long page is more of the same."""


def main(folder: str, address: str = "") -> None:
    """All pictures, each as long as its page but for the longest."""
    with nullcontext(address) if address else own_site() as here, chromium() as browser:
        published = look_up(here.rstrip("/"))
        for name in PAGES:
            for look in LOOKS:
                picture = Path(folder) / f"{name}-{look}.png"
                take(browser, published.url(name), look, picture)
                print(picture, flush=True)


def take(browser: Browser, url: str, look: Look, picture: Path) -> None:
    """One picture."""
    with look.context(browser) as context:
        page = context.new_page()
        page.goto(url)
        scroll_through(page)
        page.evaluate("window.scrollTo({top: 0, behavior: 'instant'})")
        height = min(page.evaluate("document.documentElement.scrollHeight"), MOST_HEIGHT)
        width = look.viewport["width"]
        page.screenshot(
            path=picture, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height}
        )


@contextmanager
def own_site() -> Iterator[str]:
    """A site with two runs, for as long as the block lasts."""
    with TemporaryDirectory() as folder:
        target = SQLiteTargets(Path(folder)).make()
        data = real_data() or generate(Path(folder) / "generated")
        publish_two_runs(data, target, Path(folder) / "input")
        with production_site(target) as address:
            yield address


if __name__ == "__main__":
    main(*sys.argv[1:])
