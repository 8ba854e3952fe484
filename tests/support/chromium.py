"""Chromium as the system has it, driven by Playwright: what is asked of it and what it was like."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    sync_playwright,
)

EXECUTABLE = shutil.which("chromium")
ARGUMENTS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]  # fmt: skip
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
PATIENCE_MS = 15_000
LOCALES = {"en": "en-US", "zh": "zh-CN"}


@dataclass(frozen=True)
class Look:
    """How somebody looks at a page: on what, in which light, in which language."""

    size: str = "desktop"
    scheme: Literal["light", "dark"] = "light"
    language: str = "en"

    def __str__(self) -> str:
        return f"{self.size}-{self.scheme}-{self.language}"

    @property
    def viewport(self) -> Any:
        width, height = SIZES[self.size]
        return {"width": width, "height": height}

    def context(self, browser: Browser, **options: Any) -> BrowserContext:
        """A visitor who was never here before: no cookies, nothing cached."""
        context = browser.new_context(
            viewport=self.viewport,
            color_scheme=self.scheme,
            locale=LOCALES[self.language],
            has_touch=self.size == "phone",
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        return context

    def apply(self, page: Page) -> None:
        """Change the size and the light of a page that is open; the language stays."""
        page.set_viewport_size(self.viewport)
        page.emulate_media(color_scheme=self.scheme)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, for as long as the block lasts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        yield browser
        browser.close()


WATCH_LAYOUT = """
window.layoutShifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const moved = entry.sources.map(({node}) => node && (node.outerHTML || node.data));
    window.layoutShifts.push([entry.value, ...moved.map((html) => String(html).slice(0, 120))]);
  }
}).observe({type: "layout-shift", buffered: true});
"""
"""Runs before a page's own scripts, and is not subject to its policy."""


@dataclass
class Recorder:
    """What a page fetched and what its console said, from the moment it is watched."""

    console: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.add_init_script(WATCH_LAYOUT)
        page.on("console", lambda message: self._say(page, message))
        page.on("pageerror", lambda error: self.console.append(str(error)))
        page.on("requestfailed", self._fail)
        page.on("requestfinished", lambda request: self.requests.append(request))

    def _fail(self, request: Request) -> None:
        # A picture that is still on its way when the page is left was not refused.
        if request.failure != "net::ERR_ABORTED":
            self.console.append(f"failed: {request.url}")

    def sizes(self) -> Counter[str]:
        """Kind of resource -> bytes of all bodies as they came, compressed."""
        sizes: Counter[str] = Counter()
        for request in self.requests:
            # What came from the cache has no headers, which Playwright takes off all the same.
            sizes[request.resource_type] += max(0, request.sizes()["responseBodySize"])
        return sizes

    def _say(self, page: Page, message: ConsoleMessage) -> None:
        # A page that is a 404 is what was asked for; Chromium reports its status all the same.
        is_status = message.text.startswith("Failed to load resource")
        if not (is_status and message.location["url"].partition("#")[0] == page.url):
            self.console.append(message.text)


def scroll_through(page: Page) -> None:
    """To the end, as a reader would, until all that is loaded late is there."""
    page.evaluate(
        """async () => {
          // Chromium draws no frames where nobody looks: no test waits for one for ever.
          const frame = () => new Promise((done) => {
            requestAnimationFrame(done);
            setTimeout(done, 200);
          });
          const bottom = () => document.documentElement.scrollHeight - window.innerHeight;
          for (let y = 0; y <= bottom(); y += window.innerHeight) {
            window.scrollTo({top: y, behavior: "instant"});
            await frame();
            await frame();
          }
          window.scrollTo({top: bottom(), behavior: "instant"});
          await frame();
          await frame();
          const images = [...document.images];
          images.forEach((image) => image.loading = "eager");  // beside the window, in a shelf
          const patience = new Promise((done) => setTimeout(done, 10000));
          await Promise.race([Promise.allSettled(images.map((image) => image.decode())), patience]);
          await frame();
        }"""
    )


def violations(page: Page, look: Look) -> list[str]:
    """What axe-core finds, an element a line."""
    return [
        f"{look}: {violation['id']}: {node['target']} {node['html'][:200]} {node['failureSummary']}"
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
    ]
