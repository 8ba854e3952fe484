"""/: the home page for browsers, health for every other client."""

import pytest

from tests.site.factories import make_movie, make_ranking, make_run, rate

pytestmark = pytest.mark.django_db
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/json, */*"])
def test_clients_get_health(client, accept):
    make_run()
    response = client.get("/", headers={"Accept": accept} if accept else {})
    assert response.json()["status"] == "ok"
    assert response.headers["Vary"] == "Accept"


def test_browsers_get_the_home_page(client):
    run = make_run()
    make_ranking(run, 12)
    response = client.get("/", headers={"Accept": BROWSER})
    page = response.content.decode()
    assert "Accept" in response.headers["Vary"]
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Best of all" in page
    assert "Movie 8" in page
    assert "Movie 9" not in page
    assert "What the last run changed" not in page


def test_the_home_page_tells_what_the_run_changed(client):
    climber = make_movie(1, "Climber")
    rate(make_run("superseded"), climber, rank=31)
    run = make_run()
    rate(run, climber, rank=1)
    rate(run, make_movie(2, "Newcomer"), rank=2)
    page = client.get("/", headers={"Accept": BROWSER}).content.decode()
    assert "What the last run changed" in page
    assert page.index("▲ 30") > page.index("Climbed")
    assert page.rindex("Newcomer") > page.index("Entered")


def test_titles_of_the_home_page_are_told_as_people_say_them(client):
    rate(make_run(), make_movie(1, "Godfather, The"))
    page = client.get("/", headers={"Accept": BROWSER}).content.decode()
    assert "The Godfather" in page
    assert "Godfather, The" not in page


def test_a_first_visit_is_told_what_to_do(client):
    response = client.get("/", headers={"Accept": BROWSER})
    assert response.status_code == 200
    assert "Nothing is published yet" in response.content.decode()


def test_generated_data_are_called_so_on_every_page(client):
    run = make_run(synthetic=True)
    rate(run, make_movie(1))
    for path in ("/", "/movies/", "/movies/?limit=x", "/nothing/here/", "/admin/login/"):
        page = client.get(path, headers={"Accept": BROWSER}).content.decode()
        assert "These movies and ratings are generated, not real" in page
        assert "MOVIELENS_DIR" in page
        assert "GroupLens Research" not in page


def test_titles_are_escaped(client):
    run = make_run()
    rate(run, make_movie(1, "<script>alert(1)</script>"))
    page = client.get("/", headers={"Accept": BROWSER}).content.decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("accept", "kind"), [(BROWSER, "text/html"), ("*/*", "application/problem+json")]
)
def test_an_unknown_address_is_a_404_in_the_client_s_language(client, accept, kind):
    response = client.get("/nothing/here/", headers={"Accept": accept})
    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith(kind)
    assert "/nothing/here/" in response.content.decode()
