"""/api/search/, and `q` in every list: words of titles, whatever their accents and order."""

import pytest

from tests.site.factories import make_movie, make_run, rate

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(client):
    """The titles that a search finds."""
    run = make_run()
    titles = ["Amélie", "Matrix, The", "Matrix Reloaded, The", "Ocean's Eleven", "Se7en", "M",
              "The Thing", "100 % Wolf", "Dr. Strangelove", "Æon Flux", "花样年华"]  # fmt: skip
    for number, title in enumerate(titles, start=1):
        rate(run, make_movie(number, title), 5 - number / 10, rating_count=number)

    def found(words):
        response = client.get("/api/search/", {"q": words})
        assert response.status_code == 200, response.content
        return [item["title"] for item in response.json()["results"]]

    return found


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("amelie", ["Amélie"]),
        ("AMÉLIE", ["Amélie"]),
        ("Ame\u0301lie", ["Amélie"]),
        ("Matrix, The", ["Matrix, The", "Matrix Reloaded, The"]),
        ("the matrix", ["Matrix, The", "Matrix Reloaded, The"]),
        ("relo matr", ["Matrix Reloaded, The"]),
        ("atrix", []),
        ("oceans", ["Ocean's Eleven"]),
        ("ocean’s 11", []),
        ("m", ["Matrix, The", "Matrix Reloaded, The", "M"]),
        ("se7", ["Se7en"]),
        ("100%", ["100 % Wolf"]),
        ("dr strange", ["Dr. Strangelove"]),
        ("花样", ["花样年华"]),
        ("%", []),
        ("_", []),
        ("\0", []),
        ("' OR 1=1 --", []),
    ],
)
def test_words_begin_words_of_the_title(found, words, titles):
    assert found(words) == titles


def test_movies_under_the_floor_are_found_here_and_not_in_the_ranking(client, found):
    assert found("amelie") == ["Amélie"]
    assert client.get("/recommendations/?q=amelie").json()["count"] == 0
    assert client.get("/recommendations/?q=amelie&min_ratings=1").json()["count"] == 1


def test_there_must_be_something_to_look_for(client):
    make_run()
    (error,) = client.get("/api/search/").json()["errors"]
    assert error == {"field": "q", "value": None, "detail": "must be given"}


def test_the_page_offers_what_the_floor_kept_back(client, found):
    page = client.get("/movies/?q=amelie").content.decode()
    assert 'value="amelie"' in page
    assert "?min_ratings=0&amp;q=amelie" in page.replace("limit=50&amp;", "")
    assert "Amélie" in client.get("/movies/?q=amelie&min_ratings=0").content.decode()
