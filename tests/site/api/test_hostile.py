"""What no honest client sends: it is refused in problem+json, and no address falls over it.

Pages tell of it on a page; they must not fall over it either.
"""

from urllib.parse import quote

import pytest

from app.web.parameters import MOST_GENRES
from tests.site.factories import make_ranking, make_run

pytestmark = pytest.mark.django_db

SHUT_HOSTS = (
    "/stats/ /recommendations/ /api/search/?q=movie /api/genres/ /api/movies/1/ /api/runs/ "
    "/api/runs/1/ /api/runs/1/diff/2/ /api/openapi.json"
).split()
HEALTH = ("/", "/health/", "/health/live/")
JSON = (*HEALTH, *SHUT_HOSTS)
PAGES = (
    *("/movies/", "/movies/1/", "/dashboard/", "/api/docs/", "/about/"),
    *("/runs/", "/runs/1/", "/runs/1/diff/2/", "/runs/feed.atom"),
)
NOWHERE = ("/api/", "/api/nothing/", "/health/nothing/", "/nowhere/", "/metrics", "/x.php")
IN_A_PATH = (
    *("/api/movies/{}/", "/api/runs/{}/", "/api/runs/{}/diff/2/", "/api/runs/1/diff/{}/"),
    "/sitemap-{}.xml",
    *("/{}/", "/{}", "/api/{}", "/recommendations/{}"),
)
PARAMETERS = "limit offset genre year_from year_to min_ratings q order run unknown".split()
VALUES = {
    "huge": str(10**20),
    "long digits": "9" * 10_000,
    "long text": "x" * 10_000,
    "long sign": "%F0%9F%8E%AC" * 2_500,
    "many words": "+".join("abcdefghijklmnopqrstuvwxyz" * 40),
    "full width": quote("１０"),
    "superscript": quote("²"),
    "NUL": "%00",
    "NUL within": "1%00",
    "lone surrogate": "%ED%A0%80",
    "overlong": "%C0%AF%C0%AE",
    "Latin-1": "Am%E9lie",
    "raw bytes": "\xff\xfe",
    "not hexadecimal": "%zz%u0041%",
    "empty": "",
    "blank": "%20",
    "blank before": "+1",
    "line break": "1%0D%0AX-Injected:%201",
    "semicolon": "1;offset=2",
    "encoded ampersand": "1%26offset%3D2",
    "encoded twice": "%2531",
    "minus": "-",
    "exponent": "1e999",
    "not a number": "NaN",
    "Python's": "1_0",
    "SQL": quote("1' OR '1'='1' -- "),
    "LIKE": quote(r"%_\%"),
    "JSON": quote('{"$gt": 0}'),
    "markup": quote("<script>alert(1)</script>"),
    "dots": "..%2F..%2Fetc%2Fpasswd",
    "combining marks": "a" + quote("\u0301") * 2_000,
    "right to left": quote("\u202e\u2066x"),
    "not a character": quote("\uffff\U0010ffff"),
}
HEADERS = {
    "Accept": "; /// */*;q=x text/html;q=1e999 ,,, \xff",
    "Accept-Encoding": "gzip;q=, ;;;, *;q=NaN, gzip;q=1e9, \xff, " + "gzip," * 2_000,
    "Accept-Language": "-,;q=,\xff" * 500,
    "Authorization": "Bearer \xff",
    "Content-Length": "-1",
    "Content-Type": "multipart/form-data; boundary=",
    "Cookie": "sessionid=\xff; =; csrftoken=" + "x" * 5_000,
    "If-Match": '"x", W/"\xff',
    "If-Modified-Since": "Thu, 99 Foo 99999 25:61:61 GMT",
    "If-None-Match": 'W/, "unclosed, W/"\xff", *x, ' + '"a",' * 2_000,
    "If-Range": "\xff",
    "If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT",
    "Origin": "null\xff",
    "Range": "bytes=9-1,-,x-\xff",
    "Script-Name": "/x",
    "X-Forwarded-For": "\xff, 999.999.999.999, ::%zone",
    "X-Forwarded-Host": "evil.example\xff",
    "X-Forwarded-Proto": "gopher",
    "X-Request-ID": "\x00\xff" * 5_000,
}
HOSTS = (
    "evil.example", "testserver.evil.example", "10.0.0.1:8000", "[::1", "a b", "", "..", "xn--",
    "testserver@evil.example", "\xff", "x" * 10_000,
)  # fmt: skip
METHODS = "POST PUT PATCH DELETE OPTIONS TRACE CONNECT PROPFIND FOO".split()


@pytest.fixture(autouse=True)
def runs():
    make_run("superseded", pk=1)
    run = make_run(pk=2)
    make_ranking(run, 3, genres=("War",))


@pytest.fixture
def ask(client):
    """Asks, and holds the answer against what is true of all answers."""
    client.raise_request_exception = False

    def ask(path, method="GET", **more):
        response = client.generic(method, path, **more)
        asked = f"{method} {path[:200]} {str(more)[:200]}"
        assert response.status_code in (200, 301, 304, 400, 404, 405, 415), asked
        assert "X-Injected" not in response.headers, asked
        if response.status_code >= 400:
            _check_problem(response, asked)
        return response

    return ask


def _check_problem(response, asked):
    assert response.headers["Content-Type"] == "application/problem+json", asked
    problem = response.json()
    assert problem["status"] == response.status_code, asked
    assert problem["title"] and problem["detail"], asked
    if response.status_code == 400 and "errors" in problem:
        assert all(error["detail"] for error in problem["errors"]), asked


@pytest.mark.parametrize("path", JSON)
def test_no_value_of_any_parameter_makes_an_address_fall(ask, path):
    glue = "&" if "?" in path else "?"
    for name in PARAMETERS:
        for value in VALUES.values():
            assert len(ask(f"{path}{glue}{name}={value}").content) < 10_000


@pytest.mark.parametrize("path", JSON)
def test_no_name_of_a_parameter_makes_an_address_fall(ask, path):
    glue = "&" if "?" in path else "?"
    for name in filter(None, VALUES.values()):
        assert ask(f"{path}{glue}{name}=1").status_code == 400
        assert ask(f"{path}{glue}{name}").status_code == 400


@pytest.mark.parametrize("path", IN_A_PATH)
def test_nothing_in_a_path_makes_the_site_fall(ask, path):
    for value in VALUES.values():
        ask(path.format(value.replace("+", "%20")))


@pytest.mark.parametrize("path", JSON + PAGES + NOWHERE)
def test_no_header_makes_an_address_fall(ask, path):
    for name, value in HEADERS.items():
        extra = name.upper().replace("-", "_")
        extra = extra if extra.startswith("CONTENT_") else f"HTTP_{extra}"
        for given in (value, "", ",", ";", "\xff", "x" * 10_000):
            ask(path, **{extra: given})


@pytest.mark.parametrize("path", ["/recommendations?q=", "/admin/?q=", "/movies?q="])
def test_a_redirect_to_an_address_that_is_too_long_is_refused(client, caplog, path):
    assert client.get(path + "1" * 3_900).status_code in (301, 302)
    for length in (3_000, 8_150):
        response = client.get(path + "😀" * (length // 4))
        _check_problem(response, path)
        assert response.status_code == 414
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("path", JSON)
def test_a_thousand_parameters_are_refused(ask, path):
    glue = "&" if "?" in path else "?"
    problem = ask(path + glue + "&".join(f"p{n}={n}" for n in range(1000))).json()
    assert problem["status"] == 400
    assert problem["errors"][0]["detail"] == "must have at most 250 parameters"


@pytest.mark.parametrize("path", JSON)
def test_what_is_given_twice_is_refused(ask, path):
    glue = "&" if "?" in path else "?"
    for name in PARAMETERS:
        if name != "genre":
            assert ask(f"{path}{glue}{name}=1&{name}=1").status_code == 400
    too_many = "&".join(["genre=War"] * (MOST_GENRES + 1))
    assert ask(f"{path}{glue}{too_many}").status_code == 400


@pytest.mark.parametrize("query", ["q=Am%E9lie", "q=%ED%A0%80", "q=%C0%AF", "q=movie+%FF"])
def test_text_that_is_no_utf_8_is_refused_rather_than_guessed_at(ask, query):
    response = ask(f"/api/search/?limit=5&{query}")
    (error,) = response.json()["errors"]
    assert (response.status_code, error["field"]) == (400, "q")
    assert error == {"field": "q", "value": query[2:], "detail": "must be UTF-8"}


@pytest.mark.parametrize("path", JSON)
@pytest.mark.parametrize("method", METHODS)
def test_a_method_that_would_write_is_refused(ask, path, method):
    response = ask(path, method, data=b"x" * 1_000, content_type="text/plain")
    takes_post = path.startswith("/recommendations/")  # longer lists of movies, as JSON
    if takes_post and method == "POST":
        assert response.status_code == 415
    else:
        assert response.status_code == 405
        assert response.headers["Allow"] == ("GET, HEAD, POST" if takes_post else "GET, HEAD")


@pytest.mark.parametrize("host", HOSTS)
def test_a_strange_host_is_refused_but_for_health(ask, host):
    for path in HEALTH[1:]:
        assert ask(path, HTTP_HOST=host).status_code == 200
    for path in (*SHUT_HOSTS, "/api/nothing/"):
        response = ask(path, HTTP_HOST=host)
        assert response.status_code == 400, path
        assert len(response.content) < 1_000, path


def test_pages_do_not_fall_either(client):
    client.raise_request_exception = False
    for value in VALUES.values():
        asked = [f"/movies/{value}/".replace("+", "%20")]
        asked += [f"{path}?{name}={value}" for path in PAGES for name in PARAMETERS]
        for path in asked:
            assert client.get(path).status_code in (200, 301, 400, 404), path[:200]
    for path in PAGES:
        many = "&".join(f"p{n}={n}" for n in range(1000))
        assert client.get(f"{path}?{many}").status_code == 400
        for host in HOSTS:
            assert client.get(path, HTTP_HOST=host).status_code == 400


@pytest.mark.parametrize("path", ["", "api/runs/", "//api/runs/", "/\x00", "/" + "x/" * 5_000])
def test_a_path_may_be_anything(ask, path):
    ask("/", PATH_INFO=path)


def test_a_request_may_have_a_body_that_nobody_reads(ask):
    for path in JSON:
        assert ask(path, data=b"\x00" * 2_000_000).status_code == 200
