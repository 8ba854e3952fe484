"""Posters of TMDB, from a server of the test's own."""

import json
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
from django.conf import settings as configured
from django.core.exceptions import ImproperlyConfigured

from app.pages.covers import posters as module
from app.pages.covers import views
from recsys import env
from tests.site.conftest import SameThread
from tests.site.factories import make_movie, make_run, rate

pytestmark = pytest.mark.django_db
FOUND = {"603": {"poster_path": "/matrix.jpg"}, "1": {"poster_path": None}}
FOUND["2"] = {"poster_path": "//evil.example/x?<script>"}


class Handler(BaseHTTPRequestHandler):
    """TMDB's API, as far as it is asked."""

    def do_GET(self):
        self.server.asked.append(self.path)
        self.server.may_answer.wait(10)
        found = FOUND.get(self.path.split("?")[0].rpartition("/")[2])
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(json.dumps(found or {}).encode())

    def log_message(self, *args):
        pass


@pytest.fixture
def tmdb(settings, monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.may_answer = [], Event()
    server.may_answer.set()
    thread = Thread(target=server.serve_forever)
    thread.start()
    settings.TMDB_API_KEY = "secret-key"
    settings.TMDB_API_URL = f"http://127.0.0.1:{server.server_port}/3"
    monkeypatch.setattr(views, "posters", module.Posters(SameThread()))
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def published(tmdb_id):
    movie = make_movie(1, "Matrix, The")
    movie.tmdb_id = tmdb_id
    movie.save()
    rate(make_run(), movie)


def test_a_movie_has_its_poster(client, tmdb):
    published("603")
    answer = client.get("/covers/1.svg?v=x")
    assert answer.status_code == 302
    assert answer["Location"] == f"{configured.TMDB_IMAGES_URL}/t/p/w342/matrix.jpg"
    assert client.get("/covers/1.svg?bare=1")["Location"].endswith("/t/p/w92/matrix.jpg")
    assert tmdb.asked == ["/3/movie/603?api_key=secret-key"]
    assert "TMDB" in client.get("/", headers={"Accept": "text/html"}).content.decode()


@pytest.mark.parametrize("tmdb_id", ["", "1", "2", "404"])
def test_a_movie_without_a_poster_has_its_cover(client, tmdb, tmdb_id, caplog):
    published(tmdb_id)
    for _ in range(2):
        answer = client.get("/covers/1.svg")
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
        assert answer["Cache-Control"] == "public, max-age=30"
    assert len(tmdb.asked) <= 1
    assert "secret-key" not in caplog.text


def test_nobody_waits_for_tmdb(client, tmdb, monkeypatch):
    published("603")
    tmdb.may_answer.clear()
    with ThreadPoolExecutor(1) as executor:
        monkeypatch.setattr(views, "posters", module.Posters(executor))
        assert client.get("/covers/1.svg").status_code == 200
        tmdb.may_answer.set()
    assert client.get("/covers/1.svg").status_code == 302


def test_hidden_and_unknown_movies_have_no_poster(client, tmdb):
    published("603")
    assert client.get("/covers/9.svg").status_code == 404
    assert tmdb.asked == []


def test_without_a_key_nothing_is_fetched_or_allowed(client, tmdb, settings):
    settings.TMDB_API_KEY = ""
    published("603")
    answer = client.get("/covers/1.svg")
    assert (answer.status_code, tmdb.asked) == (200, [])
    assert "tmdb" not in answer["Content-Security-Policy"]


def test_an_address_that_is_none_is_refused(monkeypatch):
    for value in ("image.tmdb.org", "https://x y", "ftp://x", "https://x; script-src *"):
        monkeypatch.setenv("TMDB_IMAGES_URL", value)
        with pytest.raises(ImproperlyConfigured, match="TMDB_IMAGES_URL"):
            env.address("TMDB_IMAGES_URL", "")
    monkeypatch.setenv("TMDB_IMAGES_URL", "https://images.example/")
    assert env.address("TMDB_IMAGES_URL", "") == "https://images.example"
