"""/for-you/import/: an export becomes an address, and nothing is kept."""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from app.models import Movie
from app.pages.for_you import import_ratings
from tests.site.catalogue.ratings_import.exported import LETTERBOXD
from tests.site.factories import curate

pytestmark = pytest.mark.django_db
URL = "/for-you/import/"
HEAD = "Name,Year,Letterboxd URI,Rating\n"


def send(client, data, status=200):
    file = SimpleUploadedFile("ratings.csv", data if isinstance(data, bytes) else data.encode())
    response = client.post(URL, {"file": file})
    assert response.status_code == status, response.content
    assert response["Cache-Control"] == "no-store"
    return response.content.decode()


def list_address(text):
    return unescape(re.search(r'<a class="button" href="([^"]*)"', text)[1])


def test_an_export_becomes_the_address_of_a_list(client, fitted):
    text = send(client, HEAD + "Movie 1,2001,x,4.5\nMovie 2,2002,x,3\nMovie 3,2003,x,\nNo,1,x,5\n")
    assert list_address(text) == "/for-you/?rated=1:4.5,2:3.0&seen=3"
    assert "2 ratings were found here" in text
    assert "1 movie was not found here" in text
    assert '<li><span lang="en">No</span></li>' in text
    assert client.get(list_address(text)).status_code == 200


def test_what_is_pasted_counts_as_well(client, fitted):
    response = client.post(URL, {"pasted": HEAD + "Movie 1,2000,x,4.5\n"})
    assert list_address(response.content.decode()) == "/for-you/?rated=1:4.5"


def test_of_many_ratings_the_highest_are_picks_and_the_others_are_seen(client, fitted, monkeypatch):
    monkeypatch.setattr(import_ratings, "MOST_PICKS", 2)
    rows = "".join(f"Movie {n},{2000 + n},x,{n / 2}\n" for n in range(1, 6))
    text = send(client, HEAD + rows)
    assert list_address(text) == "/for-you/?rated=4:2.0,5:2.5&seen=1,2,3"
    assert "An address holds 2 of them: your highest." in text
    assert "3 more movies leave your list as seen." in text


def test_a_hidden_movie_is_not_found(client, fitted):
    curate(Movie.objects.get(pk=1), hidden=True)
    assert "not found here" in send(client, HEAD + "Movie 1,2000,x,4.5\n")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x00\x01", "not a text file"),
        (b"PK\x03\x04", "an archive"),
        (b"a,b\n1,2", "The format of this export is not recognized"),
        (HEAD + "<script>alert(1)</script>,2000,x,5\n", "&lt;script&gt;"),
    ],
)
def test_a_foreign_file_gets_a_clear_word_and_does_no_harm(client, fitted, data, words):
    status = 200 if "script" in words else 400
    text = send(client, data, status)
    assert words in text
    assert "<script>alert" not in text


def test_nothing_and_too_much_are_told(client, fitted):
    assert b"Choose a file" in client.post(URL, {}).content
    text = send(client, HEAD + "Movie 1,2000,x,4\n" * 300_000, 400)
    assert "larger than 4 MB" in text
    pasted = client.post(URL, {"pasted": "x" * 2_000_000})
    assert (pasted.status_code, b"too much to paste" in pasted.content) == (400, True)


def test_what_an_address_has_no_room_for_is_told(client, fitted, monkeypatch):
    monkeypatch.setattr(import_ratings, "MOST_PICKS", 1)
    monkeypatch.setattr(import_ratings, "ROOM_FOR_SEEN", 1)
    text = send(client, HEAD + "".join(f"Movie {n},{2000 + n},x,{n / 2}\n" for n in range(1, 6)))
    assert list_address(text) == "/for-you/?rated=5:2.5&seen=4"
    assert "There is no room for 3 more" in text


def test_another_kind_of_body_or_method_does_no_harm(client, fitted):
    assert client.post(URL, "x", content_type="multipart/form-data").status_code == 400
    assert client.post(URL, "{}", content_type="application/json").status_code == 400
    assert client.put(URL).status_code == 405
    form = "application/x-www-form-urlencoded"
    assert client.post(URL, "a=1&" * 300, content_type=form).status_code == 400
    for charset in ("hex", "rot13", "idna", "utf-16"):
        for kind in (form, "multipart/form-data; boundary=B"):
            body = b'--B\r\nContent-Disposition: form-data; name="pasted"\r\n\r\nx\r\n--B--\r\n'
            response = client.generic("POST", URL, body, f"{kind}; charset={charset}")
            assert response.status_code == 400, (charset, kind)
    assert send(client, b'[{"movie": {"title": "\\ud800", "year": 1999}, "rating": 9}]')


def test_letterboxd_s_own_file_is_read_without_a_match(client, fitted):
    text = send(client, LETTERBOXD)
    assert "2 movies were not found here" in text
    assert "Show my list" not in text
