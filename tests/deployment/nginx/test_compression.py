"""Who compresses what: JSON the site, once for all who take it, and pages nginx."""

import gzip
import json
import time

import pytest

from tests.deployment.machine import needs_machine
from tests.deployment.nginx.site import PAGE

pytestmark = needs_machine


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
