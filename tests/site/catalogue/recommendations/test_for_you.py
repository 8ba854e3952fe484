"""What one person should see, against scores that are added up from the weights by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.errors import UnknownGenre, UnknownMovies
from app.catalogue.lists.ranking import MovieFilter, top_movies
from app.catalogue.recommendations.for_you import MOST_REASONS, for_user, for_visitor
from app.catalogue.recommendations.visitors import popularity_exponent
from spark_jobs import contract
from spark_jobs.model.recommendations import visitor_model
from tests.site.catalogue.catalogues import curated
from tests.support.packing import pack

MOVIES = 40
HIDDEN = (7, 21)
PINS = ((1, 33), (3, 12), (4, 39))
SCALE = 0.01
FILTERS = [
    {},
    {"min_ratings": 0},
    {"min_ratings": 60},
    {"genres": ("War",)},
    {"without_genres": ("War",), "year_from": 1990},
    {"words": "even", "min_ratings": 0},
    {"year_from": 1995, "year_to": 1985},
]


def weights(movie):
    """Of both signs; some movies have none."""
    targets = [n for n in range(1, MOVIES + 1) if n != movie and (n * movie) % 5 == 1]
    return [(n, (n * movie * 37) % 201 - 80) for n in targets]


def some_movies():
    return {
        n: {
            "title": f"Movie {n} {'odd' if n % 2 else 'even'}",
            "genres": ["War"] if n % 3 else ["Drama"],
            "year": 1980 + n % 20,
            "count": 40 + n * 7 % 50,
            "score": 3 + n * 11 % 17 / 10,
            "weights": weights(n),
            "scale": SCALE,
        }
        for n in range(1, MOVIES + 1)
    }


CURATED = curated(some_movies(), hidden=HIDDEN, pins=PINS)
KNOWN = [n for n in range(1, MOVIES + 1) if n not in HIDDEN]
picks_of = st.dictionaries(
    st.sampled_from(KNOWN),
    st.none() | st.integers(1, 10).map(lambda half_stars: half_stars / 2),
    min_size=1,
    max_size=20,
)


def by_hand(picks, novelty):
    """Movie -> pick -> contribution, by the formula of the docstring."""
    movies = some_movies()
    likes = max(sum(stars is None or stars >= 4 for stars in picks.values()), 1)
    t = min(max(0.2 * math.log2(likes / 5), -0.4), 0.3) + 0.8 * (novelty - 0.5)
    found = {}
    for pick, stars in picks.items():
        x = 1 if stars is None else max(stars - 2, 0) / 2
        for n, step in weights(pick) if x else []:
            factor = ((movies[n]["count"] + 5) / 50) ** -t
            found.setdefault(n, {})[pick] = factor * x * step * SCALE
    return {n: parts for n, parts in found.items() if n not in picks and n not in HIDDEN}


@given(picks=picks_of, novelty=st.floats(0, 1))
def test_reasons_and_rest_sum_to_each_score_of_a_visitor(picks, novelty):
    expected = by_hand(picks, novelty)
    found = for_visitor(CURATED, picks, novelty=novelty, limit=100)
    for movie in found.movies:
        parts = [reason.contribution for reason in movie.reasons]
        assert math.fsum([*parts, movie.rest]) == pytest.approx(movie.score, abs=1e-12)
        assert len(parts) <= MOST_REASONS
        if movie.source == "personal":
            assert movie.score == pytest.approx(math.fsum(expected[movie.movie_id].values()))
            for reason in movie.reasons:
                contribution = expected[movie.movie_id][reason.movie_id]
                assert reason.contribution == pytest.approx(contribution)
    personal = [movie for movie in found.movies if movie.source == "personal"]
    assert len(personal) == found.personal
    wanted = {n for n, parts in expected.items() if math.fsum(parts.values()) > 1e-12}
    assert {movie.movie_id for movie in personal} >= wanted
    assert [m.score for m in personal] == sorted((m.score for m in personal), reverse=True)


@pytest.mark.parametrize("filters", FILTERS, ids=str)
@given(picks=picks_of, size=st.integers(1, 9))
def test_pages_of_a_list_have_all_that_passes_once_and_go_on_with_the_ranking(picks, size, filters):
    wanted = MovieFilter(**filters)
    pages, offset = [], 0
    while not pages or pages[-1].movies:
        pages.append(for_visitor(CURATED, picks, wanted, limit=size, offset=offset))
        offset += size
    found = [movie for page in pages for movie in page.movies]
    assert [movie.position for movie in found] == list(range(1, len(found) + 1))
    assert {page.count for page in pages} == {len(found)}
    sources = [movie.source for movie in found]
    assert sources == sorted(sources)  # personal, then ranking
    ids = [movie.movie_id for movie in found]
    assert not set(ids) & {*HIDDEN, *picks}
    assert len(set(ids)) == len(ids)
    ranking = [movie.movie_id for movie in top_movies(CURATED, wanted, limit=100).movies]
    assert set(ids) >= set(ranking) - picks.keys()
    unpinned = [m.movie_id for m in found if m.source == "ranking" and not m.pinned]
    pinned = {n for _, n in PINS}
    order = [n for n in ranking if n in unpinned and n not in pinned]
    assert [n for n in unpinned if n not in pinned] == order


def test_who_says_nothing_that_counts_gets_the_ranking():
    ranking = top_movies(CURATED, without=[CURATED.row_of(1)]).movies
    assert for_visitor(CURATED, {1: 2.0}).movies == ranking
    without_models = curated({n: m | {"weights": []} for n, m in some_movies().items()})
    found = for_visitor(without_models, {1: None, 2: 5.0})
    assert (found.personal, {movie.source for movie in found.movies}) == (0, {"ranking"})


def test_four_stars_are_a_like_and_more_weigh_more():
    def scores(picks):
        found = for_visitor(CURATED, picks, limit=100).movies
        return {movie.movie_id: movie.score for movie in found if movie.source == "personal"}

    assert scores({1: 4.0, 2: 4.0}) == scores({1: None, 2: None})
    for more, less, ratio in [(5.0, 4.0, 1.5), (4.0, 3.5, 4 / 3), (3.0, 2.5, 2)]:
        high, low = scores({1: more}), scores({1: less})
        assert high == pytest.approx({n: ratio * score for n, score in low.items()})


@given(st.integers(1, 3_000))
def test_the_popularity_rule_is_the_one_that_was_measured(picks):
    assert popularity_exponent(picks) == visitor_model.popularity_exponent(picks)


def test_with_one_like_popular_movies_come_first_unless_novelty_is_wanted():
    movies = {1: {"count": 60, "weights": [(2, 50), (3, 60)]}, 2: {"count": 200}, 3: {"count": 20}}
    for novelty, ids in [(0.5, [2, 3]), (1, [3, 2])]:
        found = for_visitor(curated(movies), {1: None}, novelty=novelty)
        assert [movie.movie_id for movie in found.movies] == ids


@pytest.mark.parametrize("movie_id", [0, 99, 7])
def test_movies_that_there_are_not_are_named(movie_id):
    with pytest.raises(UnknownMovies) as error:
        for_visitor(CURATED, {1: None, movie_id: None})
    assert error.value.movie_ids == (movie_id,)


def test_an_unknown_genre_is_as_wrong_here_as_in_the_ranking():
    with pytest.raises(UnknownGenre):
        for_visitor(CURATED, {1: None}, MovieFilter(genres=("war",)))


USER_LIST = [
    (5, 1.5, (1, 7, 2), (0.9, -0.5, 0.4)),
    (21, 1.25, (1, 2, 3), (0.5, 0.25, 0.125)),
    (6, 1.0, (2, 0, 0), (1.0, 0.0, 0.0)),
    (99, 0.75, (1, 2, 3), (0.5, 0.25, 0.125)),
    (8, 0.5, (7, 3, 1), (0.5, 0.25, -0.125)),
]
PACKED = pack(contract.USER_RECOMMENDATIONS, USER_LIST)


def test_a_user_s_list_comes_as_the_run_has_it_and_hidden_movies_are_no_reasons():
    found = for_user(CURATED, PACKED, limit=100)
    personal = found.movies[: found.personal]
    assert [(movie.movie_id, movie.score) for movie in personal] == [(5, 1.5), (6, 1.0), (8, 0.5)]
    first, second, third = personal
    assert [(r.movie_id, r.contribution) for r in first.reasons] == [
        (1, pytest.approx(0.9)), (2, pytest.approx(0.4))
    ]  # fmt: skip
    assert first.reasons[0].title == "Movie 1 odd"
    assert first.rest == pytest.approx(1.5 - 0.9 - 0.4)
    assert ([reason.movie_id for reason in second.reasons], second.rest) == ([2], 0.0)
    assert third.rest == pytest.approx(0.5 - 0.25 + 0.125)


def test_the_ranking_after_a_user_s_list_is_without_what_the_reasons_say_was_seen():
    found = for_user(CURATED, PACKED, MovieFilter(min_ratings=0), limit=100)
    following = {movie.movie_id for movie in found.movies[found.personal :]}
    assert following == set(KNOWN) - {5, 6, 8} - {1, 2, 3}


@given(novelty=st.floats(0, 1))
def test_reasons_and_rest_sum_to_each_score_of_a_user(novelty):
    found = for_user(CURATED, PACKED, novelty=novelty, limit=100)
    for movie in found.movies:
        parts = [reason.contribution for reason in movie.reasons]
        assert math.fsum([*parts, movie.rest]) == pytest.approx(movie.score, abs=1e-12)
    scores = [movie.score for movie in found.movies[: found.personal]]
    assert scores == sorted(scores, reverse=True)


def test_an_empty_list_goes_on_with_the_ranking():
    assert for_user(CURATED, b"").movies == top_movies(CURATED).movies
