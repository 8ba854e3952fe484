"""What nginx keeps, for how long, and what it gives when the site fails."""

import json
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.deployment.machine import needs_machine
from tests.deployment.nginx.site import PAGE, PROBLEM, Answer

pytestmark = needs_machine
STALE = "nginx; hit; detail=stale"
# A second as nginx counts them: it knows whole ones, so an answer lasts through this and the next.
LASTS_SECONDS = 2
OLDEST_SECONDS = LASTS_SECONDS + 0.1


def given_too_late(seen: Iterable[Answer]) -> list[Answer]:
    """Those asked for after nginx had to forget what they say, however slow the way to here is.

    It had an answer before the first of us did, and looks at its clock after we ask.
    """
    known: dict[bytes, float] = {}
    for answer in seen:
        known[answer.body] = min(answer.came, known.get(answer.body, answer.came))
    return [one for one in seen if one.asked >= int(known[one.body]) + LASTS_SECONDS]


def test_no_answer_is_older_than_a_second_or_two_and_few_reach_the_site(front, site, listed):
    until = time.monotonic() + 6
    seen = []
    while time.monotonic() < until:
        seen.append(front.get(listed))
    assert given_too_late(seen) == []
    assert {answer.headers["X-Cache"] for answer in seen} == {"MISS", "HIT", "EXPIRED"}
    assert 3 <= site.ways() <= 7
    assert len(seen) > 100
    assert {answer.once("Cache-Control") for answer in seen} == {"public, max-age=60"}


def test_after_a_quiet_while_nobody_gets_an_old_answer(front, site, listed):
    front.get(listed)
    time.sleep(OLDEST_SECONDS)
    site.seconds = 0.3
    began = time.time()
    assert min(answer.made() for answer in front.crowd(listed)) > began


def test_of_a_crowd_at_a_new_address_one_asks_the_site(front, site, listed):
    site.seconds = 0.3
    came = front.crowd(listed)
    assert site.ways() == 1
    assert len({answer.body for answer in came}) == 1


def test_a_crowd_that_stays_asks_the_site_now_and_then(front, site, listed):
    site.seconds = 0.02
    until = time.monotonic() + 5
    seen = []

    def visit(_: int) -> None:
        while time.monotonic() < until:
            seen.append(front.get(listed))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(visit, range(8)))
    assert given_too_late(seen) == []
    assert site.ways() < len(seen) / 20


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_former_answer_is_given_when_the_site_fails_and_marked(front, site, listed, status):
    former = front.get(listed)
    time.sleep(OLDEST_SECONDS)
    site.status = status
    site.headers = {"Content-Type": PROBLEM, "Retry-After": "9"}
    stale = front.get(listed)
    assert (stale.status, stale.body) == (200, former.body)
    assert (stale.once("X-Cache"), stale.once("Cache-Status")) == ("STALE", STALE)
    assert stale.headers["Retry-After"] is None
    assert stale.once("Cache-Control") == "public, max-age=60"
    site.be_well()
    well = front.get(listed)
    assert (well.headers["X-Cache"], well.headers["Cache-Status"]) == ("EXPIRED", None)
    assert well.made() > former.made()


def test_a_mark_that_the_site_made_itself_stands_alone(front, site, listed):
    site.headers |= {"Cache-Status": STALE, "Age": "30"}
    front.get(listed)
    time.sleep(OLDEST_SECONDS)
    site.status = 503
    stale = front.get(listed)
    told = [stale.once(name) for name in ("X-Cache", "Cache-Status", "Age")]
    assert told == ["STALE", STALE, "30"]


def test_what_the_site_refuses_comes_through_as_it_is_and_is_not_kept(front, site, listed):
    site.status, site.headers = 503, {"Content-Type": PROBLEM, "Retry-After": "9"}
    for _ in range(2):
        refused = front.get(listed)
        assert (refused.status, refused.once("Retry-After")) == (503, "9")
        assert refused.headers.get_content_type() == PROBLEM
        assert json.loads(refused.body)["made"]
    assert site.ways() == 2


@pytest.mark.parametrize(
    "path", ["/movies/?x=1", "/dashboard/", "/runs/2/", "/about/", "/stats/", "/api/search/?q=x"]
)
def test_pages_and_json_are_kept(front, site, path):
    site.headers["Content-Type"] = PAGE
    time.sleep(1 - time.time() % 1)
    assert [front.get(path).headers["X-Cache"] for _ in range(2)] == ["MISS", "HIT"]


@pytest.mark.parametrize("path", ["/", "/health/", "/health/live/", "/metrics", "/admin/"])
def test_these_are_never_kept(front, site, path):
    assert [front.get(path).headers["X-Cache"] for _ in range(2)] == [None, None]
    assert site.ways() == 2


@pytest.mark.parametrize("told", ["no-store", "private, max-age=60", "max-age=0, no-cache"])
def test_what_the_site_wants_unkept_is_not_kept(front, site, listed, told):
    site.headers["Cache-Control"] = told
    assert [front.get(listed).headers["X-Cache"] for _ in range(2)] == ["MISS", "MISS"]


def test_what_one_origin_may_read_is_not_kept_for_another(front, site, listed):
    site.headers["Vary"] = "origin"
    time.sleep(1 - time.time() % 1)
    for origin in ("https://a.test", "https://b.test"):
        kept = [front.get(listed, Origin=origin).headers["X-Cache"] for _ in range(2)]
        assert kept == ["MISS", "HIT"]


def test_a_page_that_varies_with_a_cookie_is_kept_for_each(front, site):
    site.headers = {"Content-Type": PAGE, "Vary": "Cookie"}
    time.sleep(1 - time.time() % 1)
    for cookie in ("language=en", "language=zh"):
        kept = [front.get("/movies/?vary", Cookie=cookie).headers["X-Cache"] for _ in range(2)]
        assert kept == ["MISS", "HIT"]
