"""robots.txt, the sitemap, the manifest, favicon.ico, and the page about the site."""

import json
import struct
import zlib
from urllib.parse import urlparse
from xml.etree import ElementTree

import pytest
from django.contrib.staticfiles import finders

from app.pages import machines
from tests.site.factories import curate, make_movie, make_ranking, make_run, rate

pytestmark = pytest.mark.django_db
NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
HOST = "http://testserver"


def sitemap(client, address="/sitemap.xml"):
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/xml"
    root = ElementTree.fromstring(answer.content)  # noqa: S314
    return root.tag, [one.text for one in root.iter(f"{NAMESPACE}loc")]


def files(client):
    return [sitemap(client, urlparse(file).path)[1] for file in sitemap(client)[1]]


def test_robots_are_told_the_sitemap_and_what_repeats_itself(client):
    answer = client.get("/robots.txt")
    assert answer["Content-Type"].startswith("text/plain")
    lines = answer.content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    assert "Disallow: /admin/" in lines
    assert f"Sitemap: {HOST}/sitemap.xml" in lines


def test_the_sitemap_has_the_pages_and_the_movies_the_best_first(client):
    movies = make_ranking(make_run(), 3)
    curate(movies[1], hidden=True)
    assert sitemap(client) == (f"{NAMESPACE}sitemapindex", [f"{HOST}/sitemap-1.xml"])
    root, addresses = sitemap(client, "/sitemap-1.xml")
    assert root == f"{NAMESPACE}urlset"
    pages, rest = addresses[: len(machines.PAGES)], addresses[len(machines.PAGES) :]
    assert rest == [f"{HOST}/movies/1/", f"{HOST}/movies/3/"]
    for address in pages:
        assert (
            client.get(urlparse(address).path, headers={"Accept": "text/html"}).status_code == 200
        )


@pytest.mark.parametrize("size", [1, 3, 4, 6, 7, 100])
def test_files_of_any_size_have_each_address_once(client, monkeypatch, size):
    make_ranking(make_run(), 5)
    whole = [f"/movies/{n}/" for n in range(1, 6)]
    monkeypatch.setattr(machines, "ADDRESSES", size)
    found = files(client)
    assert all(1 <= len(one) <= size for one in found)
    paths = [urlparse(address).path for one in found for address in one]
    assert paths[len(machines.PAGES) :] == whole
    assert len(set(paths)) == len(paths)
    assert client.get(f"/sitemap-{len(found) + 1}.xml").status_code == 404


def test_a_file_that_there_cannot_be_is_refused(client):
    make_run()
    assert client.get("/sitemap-0.xml").status_code == 400


def test_the_sitemap_is_as_cached_as_a_page(client, django_assert_num_queries):
    make_ranking(make_run(), 3)
    tag = client.get("/sitemap-1.xml")["ETag"]
    with django_assert_num_queries(2):  # what is in force, which a test asks each time
        answer = client.get("/sitemap-1.xml", headers={"If-None-Match": tag})
    assert answer.status_code == 304


def test_the_manifest_names_icons_that_there_are(client):
    answer = client.get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    found = json.loads(answer.content)
    assert found["start_url"] == "/"
    sizes = {icon["sizes"] for icon in found["icons"]}
    assert {"192x192", "512x512"} <= sizes
    for icon in found["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/"))


def test_the_policy_lets_browsers_read_the_manifest(client):
    assert "manifest-src 'self'" in client.get("/robots.txt")["Content-Security-Policy"]


def test_the_icon_is_an_ico_of_readable_pictures(client):
    answer = client.get("/favicon.ico")
    assert answer["Content-Type"] == "image/x-icon"
    data = answer.content
    assert len(data) < 10_000
    reserved, kind, count = struct.unpack_from("<HHH", data)
    assert (reserved, kind) == (0, 1)
    widths = []
    for n in range(count):
        width, height, _, _, _, _, size, start = struct.unpack_from("<BBBBHHII", data, 6 + 16 * n)
        picture = data[start : start + size]
        assert picture.startswith(b"\x89PNG") and picture.endswith(b"IEND\xaeB`\x82")
        assert struct.unpack_from(">II", picture, 16) == (width, height)
        assert zlib.crc32(picture[12:29]) == struct.unpack_from(">I", picture, 29)[0]
        widths.append(width)
    assert widths == [16, 32, 48]


@pytest.mark.parametrize("address", ["/robots.txt", "/favicon.ico", "/manifest.webmanifest"])
def test_they_need_no_run_and_no_query(client, address, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get(address)
        assert client.head(address).status_code == 200
    assert answer.status_code == 200
    assert "max-age" in answer["Cache-Control"]
    assert not answer.cookies
    assert client.post(address).status_code == 405


def test_the_page_about_the_site_works_out_an_example(client):
    run = make_run(prior_weight=50.0, prior_mean=3.5)
    rate(run, make_movie(7, "Godfather, The"), score=3.83, rank=1)
    text = client.get("/about/").content.decode()
    assert "100 people gave this movie 4.00 on average" in text
    assert "50 imaginary ratings of 3.50 that makes 3.83" in text
    assert ">The Godfather</a>" in text
    assert "10.1145/2827872" in text


def test_the_page_about_the_site_needs_no_run(client):
    answer = client.get("/about/")
    assert answer.status_code == 200
    assert "GroupLens Research" in answer.content.decode()
    assert "generated" not in answer.content.decode()


@pytest.mark.parametrize("key", ["", "0123456789abcdef"])
def test_the_page_about_the_site_says_whom_a_browser_asks(client, settings, key):
    settings.TMDB_API_KEY = key
    make_run()
    text = client.get("/about/").content.decode()
    assert ("Your browser fetches posters from TMDB" in text) == bool(key)
    assert ("Nothing comes from other sites." in text) == (not key)
