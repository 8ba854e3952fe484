"""The shelves of the home page, and what a run changed."""

from app.catalogue.lists.changes import changes
from app.catalogue.lists.shelves import SIZE, shelves
from tests.site.catalogue.catalogues import curated

GENRES = ("Comedy", "Crime", "Drama", "Horror", "Sci-Fi")


def movies(count=200, **more):
    """The lower the id, the better and the better known; the newest rise."""
    return {
        n: {
            "count": 1000 - n, "score": 5 - n / 100, "lower": 4.9 - n / 100, "upper": 5,
            "trend": n / 10, "rank": n, "year": 1960 + n % 60, "genres": (GENRES[n % 5],), **more,
        }
        for n in range(1, count + 1)
    }  # fmt: skip


def ids(shelf):
    return [movie.movie_id for movie in shelf.movies]


def test_no_movie_stands_on_two_shelves():
    found = shelves(curated(movies()))
    assert [one.kind for one in found] == ["best", "trending", "gems", *["genre"] * 3, "decade"]
    everywhere = [movie_id for shelf in found for movie_id in ids(shelf)]
    assert len(everywhere) == len(set(everywhere)) == 7 * SIZE


def test_each_shelf_has_the_best_of_what_it_is_of():
    best, trending, gems, genre, *_, decade = shelves(curated(movies()))
    assert ids(best) == list(range(1, 9))
    assert ids(trending) == list(range(200, 192, -1))
    assert ids(gems) == list(range(102, 110))
    assert all(movie.rating_count < gems.below for movie in gems.movies)
    assert all(movie.genres == (genre.genre,) for movie in genre.movies)
    assert ids(genre) == sorted(ids(genre))
    assert all(0 <= movie.year - decade.decade < 10 for movie in decade.movies)


def test_another_run_has_shelves_of_other_genres_and_decades():
    one, other = (shelves(curated(movies(), id=run)) for run in (1, 2))
    assert [shelf.genre for shelf in one] != [shelf.genre for shelf in other]
    assert one[-1].decade != other[-1].decade


def test_what_is_hidden_stands_nowhere_and_what_is_pinned_on_the_first_shelf():
    found = shelves(curated(movies(), hidden=(1, 200), pins=((1, 77),)))
    assert ids(found[0])[:2] == [77, 2]
    assert not {1, 200} & {movie_id for shelf in found for movie_id in ids(shelf)}


def test_a_shelf_without_enough_movies_is_left_out():
    few = {1: {"count": 100, "rank": 1}}
    assert [(one.kind, ids(one)) for one in shelves(curated(few))] == [("best", [1])]
    assert [ids(one) for one in shelves(curated({1: {}}))] == [[]]


def test_what_entered_and_climbed_is_told_of_what_is_shown():
    found = changes(
        curated(
            {
                1: {"count": 100, "rank": 1, "previous": 4},
                2: {"count": 100, "rank": 2, "previous": 1},
                3: {"count": 100, "rank": 3},
                4: {"count": 100, "rank": 4, "previous": 40},
                5: {"count": 100, "rank": 5, "previous": 99},
                6: {"count": 10},
            },
            hidden=(5,),
        )
    )
    assert [movie.movie_id for movie in found.entered] == [3]
    assert [(one.movie.movie_id, one.places) for one in found.climbed] == [(4, 36), (1, 3)]


def test_a_first_run_changed_nothing():
    found = changes(curated({1: {"count": 100, "rank": 1}}))
    assert (found.entered, found.climbed) == ([], [])
