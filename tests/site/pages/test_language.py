"""The language of pages; JSON has none."""

import pytest

from tests.site.factories import make_movie, make_run, rate

pytestmark = pytest.mark.django_db
BROWSER = {"Accept": "text/html"}
PAGES = ("/", "/movies/", "/movies/1/", "/dashboard/", "/api/docs/", "/nothing/here/")


@pytest.fixture(autouse=True)
def _published():
    rate(make_run(), make_movie(1))


def ask(client, address, **headers):
    return client.get(address, headers=BROWSER | headers)


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"),
        ("de", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("zh-TW", "zh-Hans"),
        ("en-GB,zh;q=0.5", "en"),
    ],
)
def test_a_first_visit_is_in_the_language_of_the_browser(client, accept, language):
    for address in PAGES:
        page = ask(client, address, **{"Accept-Language": accept})
        assert page["Content-Language"] == language
        assert f'<html lang="{language}">' in page.content.decode()
        assert {"Accept-Language", "Cookie"} <= set(page["Vary"].split(", "))


def test_the_address_decides_and_is_remembered(client):
    for address in PAGES:
        client.cookies.clear()
        page = ask(client, f"{address}?language=zh-hans", **{"Accept-Language": "en"})
        assert page["Content-Language"] == "zh-Hans"
        cookie = page.cookies["language"]
        assert (cookie.value, cookie["samesite"], cookie["path"]) == ("zh-hans", "Lax", "/")
        assert ask(client, "/movies/")["Content-Language"] == "zh-Hans"
        assert ask(client, "/movies/?language=en")["Content-Language"] == "en"
        assert ask(client, "/movies/")["Content-Language"] == "en"


def test_the_admin_is_in_the_language_of_the_cookie(client):
    ask(client, "/?language=zh-hans")
    assert ask(client, "/admin/login/")["Content-Language"] == "zh-hans"
    assert client.get("/stats/").headers.get("Content-Language") is None


def test_the_language_is_part_of_what_a_browser_keeps(client):
    english, chinese = (ask(client, f"/movies/?language={code}") for code in ("en", "zh-hans"))
    assert english["ETag"] != chinese["ETag"]
    again = ask(client, "/movies/?language=en", **{"If-None-Match": chinese["ETag"]})
    assert again.status_code == 200
    again = ask(client, "/movies/?language=en", **{"If-None-Match": english["ETag"]})
    assert (again.status_code, again["Vary"]) == (304, english["Vary"])


@pytest.mark.parametrize("query", ["language=de", "language=EN", "language=en&language=zh-hans"])
def test_a_language_that_there_is_not_is_refused(client, query):
    for address in PAGES[:-1]:
        assert ask(client, f"{address}?{query}").status_code == 400


def test_a_page_names_itself_in_each_language(client):
    page = ask(client, "/movies/?order=year&language=zh-hans&run=1").content.decode()
    assert '<link rel="canonical" href="http://testserver/movies/?order=year">' in page
    for tag, code in (("en", "en"), ("zh-Hans", "zh-hans")):
        address = f"http://testserver/movies/?order=year&amp;run=1&amp;language={code}"
        assert f'hreflang="{tag}" href="{address}"' in page
    assert 'href="/movies/?order=year&amp;run=1&amp;language=en" lang="en"' in page


@pytest.mark.parametrize("path", ["/stats/", "/recommendations/", "/api/genres/"])
def test_json_has_no_language(client, path):
    plain = client.get(path)
    client.cookies["language"] = "zh-hans"
    asked = client.get(path, headers={"Accept-Language": "zh-CN"})
    volatile = ("X-Request-ID",)
    for name, value in plain.headers.items():
        assert name in volatile or asked[name] == value
    assert asked["Vary"] == "Accept-Encoding"
    assert asked.content == plain.content
    assert client.get(f"{path}?language=en").status_code == 400


@pytest.mark.parametrize("path", ["/nothing/here/", "/api/nothing/", "/admin/nothing"])
def test_a_problem_in_json_is_english(client, path):
    plain = client.get(path)
    asked = client.get(path, headers={"Accept-Language": "zh-CN"})
    assert plain.content == asked.content
    assert "Content-Language" not in asked.headers or path.startswith("/admin/")
