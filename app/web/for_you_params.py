"""The parameters of the page for one visitor: everything they say is in the address."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Self

from pydantic import Field

from app.catalogue.lists.ranking import MovieFilter
from app.web.parameters import (
    LIKE,
    MOST_PICKS,
    NOVELTY,
    RATED,
    TITLE_WORDS,
    Genre,
    ListParams,
    Picks,
    Year,
)
from app.web.picks import MovieIds, Ratings, movie_ids, ratings
from app.web.values import Share, Text

MOST_SEEN = 500


class ForYouParams(Picks, ListParams):
    """What the page for one visitor takes: movies in three ways, and filters for the result."""

    like: Annotated[str | None, MovieIds(MOST_PICKS), LIKE] = None
    rated: Annotated[str | None, Ratings(MOST_PICKS), RATED] = None
    rate: Annotated[list[Annotated[str, Ratings(1)]], Field(max_length=MOST_PICKS)] = []
    """Ratings that replace what `like` and `rated` say about those movies: a form's choices."""
    seen: Annotated[str | None, MovieIds(MOST_SEEN)] = None
    genre: Genre | None = None
    year_from: Year = None
    year_to: Year = None
    novelty: Annotated[float | None, Share(), NOVELTY] = None
    q: Annotated[str | None, Text(100), TITLE_WORDS] = None

    @property
    def picks(self) -> dict[int, float | None]:
        return super().picks | ratings(",".join(self.rate))

    @property
    def seen_ids(self) -> list[int]:
        return movie_ids(self.seen)

    @property
    def filter(self) -> MovieFilter:
        return MovieFilter(
            genres=(self.genre,) if self.genre else (),
            year_from=self.year_from,
            year_to=self.year_to,
        )

    def naming(self, picks: Mapping[int, float | None], seen: Iterable[int]) -> Self:
        """The same for other movies, from the first page on, without a search."""
        liked = sorted(id_ for id_, stars in picks.items() if stars is None)
        rated = sorted((id_, stars) for id_, stars in picks.items() if stars is not None)
        return self.model_copy(
            update={
                "like": ",".join(map(str, liked)) or None,
                "rated": ",".join(f"{id_}:{stars}" for id_, stars in rated) or None,
                "seen": ",".join(map(str, sorted({*seen} - picks.keys()))) or None,
                "q": None,
                "version": None,
                "rate": [],
                "offset": 0,
            }
        )
