"""Each thing that can be wrong with a parameter has a sentence of its own."""

import pytest
from django.http import QueryDict
from django.test import RequestFactory

from app.web.parameters import (
    RankingPageParams,
    RecommendationBody,
    RecommendationParams,
    SearchParams,
)
from app.web.problems import Problem
from app.web.reading import read, read_json

IDS = ",".join(map(str, range(1, 102)))
WRONG = [
    (SearchParams, "", "missing"),
    (SearchParams, "q=", "empty"),
    (RankingPageParams, "q=" + "x" * 101, "too_long"),
    (RankingPageParams, "colour=red", "unknown"),
    (RankingPageParams, "limit=1&limit=2", "twice"),
    (RankingPageParams, "limit=0", "whole_number"),
    (RankingPageParams, "order=size", "one_of"),
    (RankingPageParams, "version=x", "no_version"),
    (RankingPageParams, "&".join(["genre=War"] * 21), "too_many"),
    (RecommendationParams, "like=x", "movie_id"),
    (RecommendationParams, "like=1,1", "movie_twice"),
    (RecommendationParams, f"like={IDS}", "number_of_movies"),
    (RecommendationParams, "rated=1:9", "stars"),
    (RecommendationParams, "like=1&novelty=2", "share"),
    (RecommendationParams, "like=1&rated=2:5", "conflict"),
    (RecommendationParams, "like=1&order=year", "own_order"),
    (RecommendationParams, "novelty=1", "for_nobody"),
    (RecommendationBody, "", "either"),
]


@pytest.mark.parametrize(("params", "query", "code"), WRONG)
def test_a_wrong_parameter_is_told_by_its_code(params, query, code):
    with pytest.raises(Problem) as raised:
        read(params, QueryDict(query))
    (error,) = raised.value.errors
    assert error.code == code
    assert error.sentence
    assert "%" not in error.sentence


def test_what_has_no_sentence_of_its_own_is_told_in_general():
    request = RequestFactory().post("/", '{"genre": "War"}', content_type="application/json")
    with pytest.raises(Problem) as raised:
        read_json(RecommendationBody, request)
    (error,) = raised.value.errors
    assert error.sentence == "Genre: this is not valid here."
