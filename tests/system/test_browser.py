"""The pages as a real browser sees them: nothing is blocked, missing or broken in the console."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.support.server import site
from tests.support.targets import SQLiteTargets, manage

CHROMIUM = [
    "chromium", "--headless", "--disable-gpu", "--no-first-run", "--enable-logging=stderr",
    "--virtual-time-budget=10000", "--dump-dom",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]  # fmt: skip
pytestmark = pytest.mark.skipif(
    not shutil.which("chromium"), reason="there is no Chromium among the system's packages"
)
FILL = """
from tests.site.factories import make_ranking, make_run, rate
movies = make_ranking(make_run("superseded"), 3, genres=("War",))
run = make_run()
for movie in movies:
    rate(run, movie, rank=movie.pk)
"""


@pytest.fixture(scope="module")
def address(sqlite_targets: SQLiteTargets) -> Iterator[str]:
    target = sqlite_targets.make()
    manage(target, "shell", "--no-imports", "--command", FILL)
    with site(target) as here:
        yield here


def look(url: str, tmp_path, *options: str) -> tuple[str, list[str]]:
    """(the page once its scripts have run, what its console says)."""
    command = [*CHROMIUM, f"--user-data-dir={tmp_path}", *options, url]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout, re.findall(r":CONSOLE:.*", done.stderr)


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("", "Movies worth your evening"),
        ("movies/", "1–3 of 3 movies"),
        ("movies/1/", "How people rated it"),
        ("dashboard/", "What was not accepted"),
        ("admin/login/", "id_password"),
        ("api/docs/", "/api/movies/{movie_id}/"),
    ],
)
def test_a_page_is_whole_under_the_site_s_own_policy(address, tmp_path, path, seen):
    page, console = look(f"{address}/{path}", tmp_path)
    assert console == []
    assert seen in page


def test_what_the_policy_forbids_would_be_noticed(address, tmp_path):
    # Else the tests above could not fail.
    page = tmp_path / "page.html"
    policy = '<meta http-equiv="Content-Security-Policy" content="script-src \'none\'">'
    page.write_text(f"{policy}<script>document.title = 'ran'</script>")
    _, console = look(page.as_uri(), tmp_path / "profile")
    assert "violates the following Content Security Policy" in console[0]
