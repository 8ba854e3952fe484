"""nginx as the machine has it, before a site that can be slow, fail and count who asks it.

The real nginx with the very configuration; only what it stands before is written here, for the
real site does not fail when it is told to. site_machine/ has nginx before the real site.
"""

import gzip
import json
import os
import re
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from aws_deployment.machine import service
from tests.deployment.machine import Machine, Supervisor, fresh_machine
from tests.deployment.nginx.site import PAGE, PROBLEM, Answer, Answering, Front, Site
from tests.support.processes import wait_until
from tests.support.targets import ROOT

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="test_machine_parts.py runs it by sudo"),
    pytest.mark.skipif(not shutil.which("debootstrap"), reason="bin/test installs debootstrap"),
]


VAR = ROOT / "var"
LISTS = count()
STALE = "nginx; hit; detail=stale"
LONGEST_LINE = 8190
# This machine has one IPv6 address, so a test has to say where else it comes from.
NAMED_ADDRESS = "set_real_ip_from 127.0.0.0/8; real_ip_header X-Test-Address;"
# A second as nginx counts them: it knows whole ones, so an answer lasts through this and the next.
LASTS_SECONDS = 2
OLDEST_SECONDS = LASTS_SECONDS + 0.1


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    VAR.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=VAR, prefix="machine-") as folder:
        machine = fresh_machine(Path(folder))
        install = "apt-get -qq update && apt-get -qq install --no-install-recommends -y nginx"
        done = machine.run("sh", "-c", install, DEBIAN_FRONTEND="noninteractive")
        assert done.returncode == 0, done.stderr
        yield machine


@pytest.fixture(scope="module")
def front(machine) -> Iterator[Front]:
    """nginx by the steps of service.py: its file, the log's folder, the default site gone."""
    machine.path("/var/log/recsys").mkdir()
    machine.path("/etc/nginx/sites-enabled/default").unlink()
    text = service.render("nginx.conf", LISTEN=service.render("nginx-http.conf").strip())
    machine.path(str(service.SITE)).write_text(text)
    machine.path("/etc/nginx/ports.d").mkdir()
    machine.path("/etc/nginx/ports.d/addresses.conf").write_text(NAMED_ADDRESS)
    supervisor = Supervisor(machine)
    try:
        assert machine.run("nginx", "-t", "-q").stderr == ""
        assert supervisor.front() == 0
        wait_until(lambda: answers(supervisor.http), what="nginx")
        yield Front(machine, supervisor.http)
    finally:
        supervisor.close()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def any_site(machine) -> Iterator[Site]:
    path = machine.path("/run/recsys/gunicorn.sock")
    path.parent.mkdir()
    with Site(str(path), Answering) as site:
        path.chmod(0o666)
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield site
        site.shutdown()


@pytest.fixture
def site(any_site) -> Site:
    any_site.be_well()
    return any_site


@pytest.fixture
def listed() -> str:
    """An address that nobody asked for yet."""
    return f"/recommendations/?offset={next(LISTS)}"


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
    ("accepted", "told"),
    [
        ("gzip, deflate, br, zstd", "gzip"),
        ("br;q=1.0, gzip;q=0.5", "gzip"),
        ("GZIP", "gzip"),
        ("deflate, gzip; q=0.001", "gzip"),
        ("gzip;q=0", None),
        ("gzip;q=0.000, br", None),
        ("br", None),
        ("x-gzip-not", None),
        ("identity", None),
        ("", None),
    ],
)
def test_the_site_hears_gzip_or_nothing(front, site, listed, accepted, told):
    answer = front.get(listed, Accept_Encoding=accepted)
    assert [asked["Accept-Encoding"] for asked in site.asked] == [told]
    assert answer.headers.get_all("Content-Encoding", []) == ([told] if told else [])


def test_each_encoding_is_kept_once_and_compressed_by_the_site_alone(front, site, listed):
    site.headers["Vary"] = "Accept-Encoding"
    time.sleep(1 - time.time() % 1)  # all of it within one second
    zipped = [front.get(listed, Accept_Encoding=f"gzip, x{n}") for n in range(5)]
    plain = [front.get(listed, Accept_Encoding=f"x{n}, gzip;q=0") for n in range(5)]
    assert site.ways() == 2
    assert {answer.once("Vary") for answer in zipped + plain} == {"Accept-Encoding"}
    assert {answer.once("Content-Encoding") for answer in zipped} == {"gzip"}
    assert len({gzip.decompress(answer.body) for answer in zipped}) == 1
    assert json.loads(plain[0].body)["padding"]


def test_pages_are_compressed_by_nginx(front, site):
    site.headers = {"Content-Type": PAGE}
    page = front.get("/movies/?compressed", Accept_Encoding="gzip")
    assert page.once("Content-Encoding") == "gzip"
    assert json.loads(gzip.decompress(page.body))["padding"]


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


def test_the_key_to_the_metrics_reaches_the_site(front, site):
    front.get("/metrics", Authorization="Bearer abc")
    assert [asked["Authorization"] for asked in site.asked] == ["Bearer abc"]


def test_each_request_has_one_id_of_nginx_also_when_the_answer_was_kept(front, site, listed):
    time.sleep(1 - time.time() % 1)
    first, kept = (front.get(listed, X_Request_ID="of-the-client") for _ in range(2))
    assert [asked.get_all("X-Request-ID") for asked in site.asked] == [[first.once("X-Request-ID")]]
    assert kept.headers["X-Cache"] == "HIT"
    ids = [first.once("X-Request-ID"), kept.once("X-Request-ID")]
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in ids)
    assert ids[0] != ids[1]
    assert [line["request_id"] for line in front.log()[-2:]] == ids


@pytest.mark.parametrize(
    ("path", "status"), [("/static/nothing.css", 404), ("/movies/?q=" + "x" * 20_000, 414)]
)
def test_what_nginx_refuses_itself_has_an_id_and_a_policy(front, site, path, status):
    refused = front.get(path)
    assert refused.status == status
    assert len(refused.once("X-Request-ID")) == 32
    assert refused.once("Content-Security-Policy") == "default-src 'none'; frame-ancestors 'none'"
    if status == 414:  # what static files are asked for is not logged
        answered = refused.once("X-Request-ID")
        wait_until(lambda: front.log()[-1]["request_id"] == answered, what="the line of the log")


def test_the_policy_of_the_site_stands_alone(front, site, listed):
    site.headers["Content-Security-Policy"] = "default-src 'none'; script-src 'self'"
    for _ in range(2):
        told = front.get(listed).once("Content-Security-Policy")
        assert told == "default-src 'none'; script-src 'self'"


def test_who_has_the_answer_already_gets_none(front, site, listed):
    site.headers["ETag"] = 'W/"17-4-abc"'
    front.get(listed)
    unchanged = front.get(listed, If_None_Match='W/"17-4-abc"')
    assert (unchanged.status, unchanged.body) == (304, b"")
    assert unchanged.once("ETag") == 'W/"17-4-abc"'
    assert len(unchanged.once("X-Request-ID")) == 32


def test_the_longest_address_is_kept_and_a_longer_one_refused_without_an_error(front, site):
    errors = front.machine.path("/var/log/nginx/error.log")
    before = errors.read_text()
    path = "/recommendations/?q=".ljust(LONGEST_LINE - len("GET  HTTP/1.1"), "x")
    time.sleep(1 - time.time() % 1)
    assert [front.get(path).headers["X-Cache"] for _ in range(2)] == ["MISS", "HIT"]
    refused = front.get(f"{path}x")
    assert (refused.status, refused.headers.get_content_type()) == (414, PROBLEM)
    longest = "x" * 8000
    front.get("/recommendations/", Host=longest)
    front.get("/recommendations/", Origin=longest)
    assert errors.read_text() == before


def test_a_redirect_to_the_longest_address_comes_through(front, site):
    site.status, site.headers["Location"] = 302, "/".ljust(LONGEST_LINE, "x")
    assert front.get("/admin/?x=1").headers["Location"] == site.headers["Location"]


def test_what_is_unknown_of_the_site_is_no_reason_to_refuse(front, site, listed):
    site.headers |= {"ETag": 'W/"17-4-abc"', "Last-Modified": "Thu, 26 Nov 2026 00:00:00 GMT"}
    for header in ({"If_Match": '"x"'}, {"If_Unmodified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"}):
        assert front.get(listed, **header).status == 200


def test_all_addresses_of_an_ipv6_network_share_one_allowance(front, site):
    def statuses(address: str) -> set[int]:
        named = (address.format(number) for number in range(120))
        return {front.get("/health/", X_Test_Address=one).status for one in named}

    assert statuses("2001:db8:0:1:{0:x}::1") == {200, 429}
    assert statuses("2001:db8:0:1{0:03x}::1") == {200}


def test_the_covers_of_a_page_come_at_once(front, site):
    ask = {"X_Test_Address": "2001:db8:0:2::1"}
    assert {front.get(f"/covers/{n}.svg?v=1", **ask).status for n in range(120)} == {200}
    assert front.get("/movies/", **ask).status == 200
