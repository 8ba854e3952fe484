"""Similar movies: rated by the same users more often than by chance.

    lift_ij = (c_ij - d_i d_j / N) / (sqrt(d_i d_j) + s)

c_ij is the number of users who rated both, d_i of those who rated i, N of all users; the
shrinkage s pulls pairs with little support towards 0. The run has the strongest for each movie.
"""

from dataclasses import dataclass

from app.catalogue.catalogue import CuratedCatalogue
from app.catalogue.columns import value


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarMovie:
    """A movie that is similar to another one."""

    position: int
    """From 1."""
    movie_id: int
    title: str
    year: int | None
    genres: tuple[str, ...]
    rating_count: int
    """d_j."""
    avg_rating: float
    weighted_rating: float
    users: int
    """c_ij: those who rated both."""
    lift: float


def similar_movies(curated: CuratedCatalogue, movie_id: int) -> list[SimilarMovie]:
    """The most similar first, without hidden ones. Raises MovieNotFound, also for a hidden one."""
    row = curated.row_of(movie_id)
    columns, hidden = curated.catalogue.columns, curated.decisions.hidden
    found: list[SimilarMovie] = []
    for other, lift, users in curated.catalogue.models.similar_to(row):
        at = None if other in hidden else columns.row_of(other)
        if at is not None and columns.is_rated(at):
            found.append(
                SimilarMovie(
                    position=len(found) + 1,
                    movie_id=other,
                    title=columns.titles[at],
                    year=value(columns.year[at]),
                    genres=columns.genre_names(at),
                    rating_count=columns.rating_count[at],
                    avg_rating=columns.avg_rating[at],
                    weighted_rating=columns.weighted_rating[at],
                    users=users,
                    lift=lift,
                )
            )
    return found
