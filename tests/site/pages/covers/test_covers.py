"""Covers: what they show, how they are kept, and that their letters fit."""

import gzip
import inspect
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.template import Context, Template

from app.pages.covers.drawing import MARGIN, WIDTH, CoverSubject, cover_version, draw, release
from app.pages.covers.lettering import set_title, width
from app.pages.covers.motifs import OF_GENRE
from app.pages.covers.palettes import PALETTES, telling_genres
from app.pages.genres import GENRES
from tests.site.factories import curate, make_movie, make_run, rate
from tests.site.pages.colours import contrast

TITLES = [
    "Up",
    "Shawshank Redemption, The",
    "Léon: The Professional (a.k.a. The Professional) (Léon)",
    "Borat: Cultural Learnings of America for Make Benefit Glorious Nation of Kazakhstan",
    "Supercalifragilisticexpialidocious",
    "WWWWWWWWWWWWWWWWWWWWWWWWWWWW WWWWWWWWWWWWWWWWW",
    "千と千尋の神隠し千と千尋の神隠し千と千尋の神隠し",
    "<script>alert(1)</script> & more",
    "M" * 300,
    "!",
]


@pytest.mark.parametrize("title", TITLES)
def test_no_title_is_clipped(title):
    room = WIDTH - 2 * MARGIN
    found = set_title(title, room)
    assert 1 <= len(found.lines) <= 5
    assert all(width(line) * found.size <= room for line in found.lines)


def test_a_title_that_is_too_long_ends_with_an_ellipsis():
    assert set_title("M" * 300, 172).lines[-1].endswith("…")
    assert "…" not in "".join(set_title("The Shawshank Redemption", 172).lines)


@pytest.mark.parametrize("genre", PALETTES)
@pytest.mark.parametrize("title", TITLES[:3])
def test_a_cover_is_an_image_that_no_policy_minds(genre, title):
    for movie_id in range(12):
        svg = draw(CoverSubject(movie_id, title, 1994, (genre, "Drama")))
        ElementTree.fromstring(svg)  # noqa: S314  # of our own making
        assert not re.search(r"style=|<style|<script|href|url\(", svg)
        assert len(gzip.compress(svg.encode(), 6)) < 700


def test_a_cover_is_the_same_every_time_and_its_own():
    subject = CoverSubject(1, "Toy Story", 1995, ("Animation", "Comedy"))
    assert draw(subject) == draw(subject)
    alike = (CoverSubject(n, "", None, ("Crime", "Drama")) for n in range(20))
    assert len({draw(one, titled=False) for one in alike}) > 15
    assert "Toy" not in draw(subject, titled=False)


def test_ink_is_readable_on_every_palette():
    assert PALETTES.keys() == OF_GENRE.keys() == GENRES.keys()
    assert all(contrast(one.ink, one.ground) >= 7 for one in PALETTES.values())
    assert all(len(motifs) >= 3 for motifs in OF_GENRE.values())


def test_genres_of_other_data_are_none_of_ours():
    assert telling_genres(("Drama", "Crime")) == ["Crime", "Drama"]
    assert telling_genres(()) == telling_genres(("Telenovela",)) == ["(no genres listed)"]


@pytest.mark.django_db
def test_a_cover_is_kept_for_good_under_the_address_that_pages_have(client):
    run = make_run()
    rate(run, make_movie(1, "Matrix, The", 1999))
    tag = Template("{% load movies %}{% cover 1 'Matrix, The' 1999 genres size=96 %}")
    shown = tag.render(Context({"genres": ()}))
    address = re.search('src="([^"]+)"', shown)[1].replace("&amp;", "&")
    assert 'width="96" height="144" loading="lazy" alt=""' in shown
    answer = client.get(address)
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Matrix" in answer.content.decode()
    for other in ("/covers/1.svg", "/covers/1.svg?v=0000", f"/covers/1.svg?v={'0' * 8}&bare=1"):
        assert client.get(other)["Cache-Control"] == "public, max-age=300"
    assert "bare=1" in Template(tag.source.replace("96", "48")).render(Context({"genres": ()}))


@pytest.mark.django_db
def test_what_has_no_page_has_no_cover(client):
    run, hidden = make_run(), make_movie(1)
    rate(run, hidden)
    rate(run, make_movie(2))
    curate(hidden, hidden=True)
    assert client.get("/covers/1.svg").status_code == 404
    assert client.get("/covers/99.svg").status_code == 404
    assert client.get("/covers/2.svg?x=1").status_code == 400


def test_another_title_makes_another_version():
    one, other = (CoverSubject(1, title, None, ()) for title in ("Godfather, The", "Godfather"))
    assert cover_version(one) != cover_version(other)


def test_whoever_changes_a_drawing_makes_other_versions(monkeypatch):
    read = set()
    monkeypatch.setattr(Path, "read_bytes", lambda file: read.add(str(file)) or b"")
    release.__wrapped__()
    assert {inspect.getfile(one) for motifs in OF_GENRE.values() for one in motifs} <= read
