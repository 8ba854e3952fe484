"""The OpenAPI document of the read API: it is valid and whole, and answers are what it says."""

from copy import deepcopy

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.api.urls import urlpatterns
from tests.contract.openapi.odd_site import GENRES, HIDDEN, MOVIES, USER

pytestmark = pytest.mark.django_db(transaction=True)
OF_USER = f"user={USER}"


def test_the_document_is_valid_openapi_3_1(document):
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_each_operation_says_what_it_is_for_and_what_may_come_of_it(operations):
    for path, operation in operations.items():
        assert operation["summary"] and operation["description"], path
        assert all(parameter["description"] for parameter in operation["parameters"]), path
        for status in ("400", "404", "405", "500", "503"):
            content = operation["responses"][status]["content"]
            assert list(content) == ["application/problem+json"], (path, status)
        assert operation["responses"]["405"]["headers"]["Allow"]["required"]
        assert operation["responses"]["503"]["headers"]["Retry-After"]["required"]
        is_kept = path not in ("/health/", "/health/live/")
        assert ("304" in operation["responses"]) == is_kept, path


def test_the_document_names_all_json_addresses(operations):
    known = {f"/{one.pattern}" for one in urlpatterns}
    documented = {path.replace("{", "<str:").replace("}", ">") for path in operations}
    assert known == documented | {"/api/openapi.json"}


def test_whoever_asks_for_the_document_is_told_the_genres_that_there_are(operations):
    (genre,) = (p for p in operations["/api/search/"]["parameters"] if p["name"] == "genre")
    allowed = genre["schema"]["items"]["enum"]
    assert set(allowed) == {*GENRES, *(f"-{name}" for name in GENRES)}


def _asked():
    """Operation -> addresses of it that meet all there is of odd movies and runs."""
    runs = ("", "run=3", "run=4")
    orders = ("weighted_rating", "avg_rating", "rating_count", "year", "lower_bound", "trending")
    lists = [f"limit=100&order={order}&{run}" for order in orders for run in runs]
    movies = [movie for movie in range(1, MOVIES + 1) if movie != HIDDEN]
    return {
        "/health/": ["/health/"],
        "/health/live/": ["/health/live/"],
        "/stats/": [f"/stats/?{run}" for run in runs],
        "/recommendations/": [
            *(f"/recommendations/?min_ratings=0&{query}" for query in lists),
            *(
                f"/recommendations/?limit=100&{picks}"
                for picks in ("like=1,2", "rated=1:4", OF_USER)
            ),
        ],
        "/api/search/": [f"/api/search/?q=a&offset=1&{query}" for query in lists],
        "/api/movies/{movie_id}/": [f"/api/movies/{n}/?{run}" for n in movies for run in runs],
        "/api/movies/{movie_id}/similar/": [
            f"/api/movies/{n}/similar/?{run}" for n in movies for run in runs
        ],
        "/api/trending/": [f"/api/trending/?{run}" for run in runs],
        "/api/genres/": [f"/api/genres/?limit=3&{run}" for run in runs],
        "/api/runs/": ["/api/runs/", "/api/runs/?limit=1&offset=1"],
        "/api/runs/{run_id}/": [f"/api/runs/{run}/" for run in (1, 3, 4)],
        "/api/runs/{before}/diff/{after}/": ["/api/runs/3/diff/4/", "/api/runs/4/diff/3/"],
    }


def _strict(document):
    """The shapes that it describes, each with all the fields that it names and no other."""
    components = deepcopy(document["components"])
    for shape in components["schemas"].values():
        shape |= {"required": list(shape["properties"]), "additionalProperties": False}
    return components


def test_an_answer_has_all_the_fields_of_its_description_and_no_other(client, document, operations):
    components = _strict(document)
    assert _asked().keys() == operations.keys()
    for path, addresses in _asked().items():
        described = operations[path]["responses"]["200"]["content"]["application/json"]["schema"]
        shape = OAS31Validator(described | {"components": components})
        for address in addresses:
            response = client.get(address)
            assert response.status_code == 200, address
            assert not list(shape.iter_errors(response.json())), address
            for name, header in operations[path]["responses"]["200"].get("headers", {}).items():
                assert name in response.headers or not header["required"], (address, name)
