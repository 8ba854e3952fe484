"""What the page says of a movie's score: its terms, and the charts of its ratings."""

import pytest

from app.catalogue.movies.explanation import Explanation
from app.pages.movie.score_terms import score_terms
from spark_jobs import contract
from tests.site.pages.movie.page import look, rated
from tests.support.packing import pack

pytestmark = pytest.mark.django_db


def test_the_formula_has_the_movies_own_numbers_and_adds_up(client, run):
    rated(run)
    page = look(client)
    assert "Why rank 1" in page
    assert "129 people gave it 4.26 stars on average." in page
    assert "20 imaginary ratings of 3.50" in page
    assert "(129 × 4.26 + 20 × 3.50) ÷ 149 = <strong>4.16</strong>" in page
    assert "87% of the score is the movie's own" in page
    assert "from 4.06 to 4.25" in page
    assert "style=" not in page


@pytest.mark.parametrize(
    ("n", "own", "prior", "m"),
    [
        (129, 4.2592, 3.5016, 20), (1, 5.0, 3.5016, 50), (329, 4.429, 3.501557, 3.14159),
        (999, 3.3349, 3.4951, 2000),
    ],
)  # fmt: skip
def test_who_computes_what_is_written_gets_the_score(n, own, prior, m):
    score = (n * own + m * prior) / (n + m)
    terms = score_terms(explanation(n=n, R=own, C=prior, m=m, weighted_rating=score))
    own, prior = (round(mean, terms.decimals) for mean in (own, prior))
    assert 2 <= terms.decimals <= 4
    assert round((n * own + m * prior) / (n + m), 2) == round(score, 2)
    assert 1 <= terms.percent <= 99


def explanation(**terms):
    names = ("lower_bound", "upper_bound", "trend", "rank", "previous_run", "previous_rank")
    rest = dict.fromkeys((*names, "rank_change"))
    weight = terms["n"] / (terms["n"] + terms["m"])
    return Explanation(**rest, **terms, weight=weight, genre_ranks={})


def test_values_are_written_on_the_marks_and_stand_in_tables(client, run):
    rated(run, half_stars_8=100, half_stars_10=29)
    page = look(client)
    assert '<text class="value" ' in page
    assert '<td class="number">100</td><td class="number">78%</td>' in page
    assert (
        page.count('<details class="as-table">') == 2
    )  # without other runs and months, the last two have no data
    assert page.count('role="img"') == 2


def test_ratings_by_year_are_drawn_where_the_run_has_them(client, run):
    months = pack(contract.MONTHS, [(27 * 12, 4), (29 * 12 + 11, 6)])
    rated(run, months=months)
    page = look(client)
    assert "When people rated it" in page
    assert '<th scope="row">1998</th><td class="number">0</td>' in page
    assert '<th scope="row">1999</th><td class="number">6</td>' in page


@pytest.mark.parametrize(("year", "is_open"), [(2018, True), (2017, False)])
def test_only_the_year_in_which_the_data_end_may_be_a_part_of_one(client, run, year, is_open):
    months = pack(contract.MONTHS, [((year - 1970) * 12, 4)])
    run.parameters = {**run.parameters, "trending": {"newest_month": "2018-09"}}
    run.save(update_fields=["parameters"])
    rated(run, months=months)
    assert ("The data end in September 2018" in look(client)) == is_open
