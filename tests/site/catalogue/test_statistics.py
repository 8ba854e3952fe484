"""What the movies of a run say together."""

import pytest

from app.catalogue import statistics
from app.catalogue.statistics import CountGroup, GenreFigures
from tests.site.catalogue.catalogues import catalogue

SEPTEMBER_2018, OCTOBER_2018, MAY_2020 = 584, 585, 604


def test_ratings_by_year_are_the_sums_of_all_movies_months():
    found = catalogue(
        {
            1: {"count": 5, "months": [(SEPTEMBER_2018, 2), (MAY_2020, 3)]},
            2: {"count": 7, "months": [(OCTOBER_2018, 7)]},
            3: {},
            4: {"count": 1},
        }
    )
    assert found.ratings_by_year == {"2018": 9, "2020": 3}


def test_a_movie_of_two_genres_counts_in_each():
    found = catalogue(
        {
            1: {"count": 2, "mean": 3.5, "genres": ("War", "Drama")},
            2: {"count": 6, "mean": 4.5, "genres": ("War",)},
            3: {"genres": ("War",)},
        }
    )
    assert statistics.genre_figures(found.columns) == [
        GenreFigures("War", movies=2, ratings=8, mean_rating=4.25),
        GenreFigures("Drama", movies=1, ratings=2, mean_rating=3.5),
    ]


def test_movies_are_grouped_by_their_numbers_of_ratings():
    counts = {1: (1, 5.0), 2: (1, 1.0), 3: (1, 2.0), 4: (49, 3.0), 5: (20_000, 4.0), 6: (None, 0)}
    found = catalogue({id_: {"count": n, "mean": mean} for id_, (n, mean) in counts.items()})
    assert statistics.count_groups(found.columns) == [
        CountGroup(1, 1, 3, lowest=1.0, median=2.0, highest=5.0),
        CountGroup(20, 49, 1, lowest=3.0, median=3.0, highest=3.0),
        CountGroup(10_000, None, 1, lowest=4.0, median=4.0, highest=4.0),
    ]


def rated(count, mean=4.0):
    return {"count": count, "mean": mean, "score": mean}


def sampled(found, size):
    return statistics.sample_means(found.columns, found.orderings["rating_count"].rows, size)


@pytest.mark.parametrize("size", [10, 40])
def test_a_sample_keeps_the_few_with_many_ratings_and_is_the_same_each_time(size):
    movies = {n: rated(1, mean=1 + n % 9 / 2) for n in range(1, 500)}
    movies |= {n: rated(2**10 + n) for n in range(500, 503)}
    found = catalogue(movies)
    sample = sampled(found, size)
    assert len(sample) <= size
    assert [n for n, _ in sample if n > 1] == [2**10 + n for n in (502, 501, 500)]
    means = [mean for n, mean in sample if n == 1]
    assert max(means) - min(means) >= 3
    assert sample == sampled(catalogue(movies), size)


def test_nothing_rated_is_no_error():
    found = catalogue({1: {}})
    assert found.ratings_by_year == {}
    assert statistics.genre_figures(found.columns) == []
    assert statistics.count_groups(found.columns) == []
    assert sampled(found, 400) == []
