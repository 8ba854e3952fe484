"""What nginx tells the site and the client of a request, and which ones it refuses."""

import re
import time

import pytest

from tests.deployment.machine import needs_machine
from tests.deployment.nginx.site import PROBLEM
from tests.support.processes import wait_until

pytestmark = needs_machine
LONGEST_LINE = 8190


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
