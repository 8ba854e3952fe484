"""A movie for search engines and for cards in other people's pages: schema.org and OpenGraph.

Both say what the page says. Titles come from others' data, so `as_script` writes JSON that
cannot end its script element; browsers do not run it, as its type is not a script's.
"""

import json

from django.utils.safestring import SafeString, mark_safe

from app.catalogue.movies.detail import MovieDetail

ESCAPES = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&"}


def movie_data(
    movie: MovieDetail, *, title: str, originals: tuple[str, ...], address: str, image: str
) -> dict[str, object]:
    """The schema.org Movie; addresses are absolute, and missing values are left out."""
    links = [link.url for link in (movie.links.imdb, movie.links.tmdb) if link]
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Movie",
        "name": title,
        "alternateName": list(originals),
        "url": address,
        "image": image,
        "datePublished": str(movie.year) if movie.year else None,
        "genre": list(movie.genres),
        "sameAs": links,
        "aggregateRating": _rating(movie),
    }
    return {name: value for name, value in data.items() if value}


def _rating(movie: MovieDetail) -> dict[str, object] | None:
    """The mean of people's ratings, without the prior."""
    if not movie.explanation:
        return None
    return {
        "@type": "AggregateRating",
        "ratingValue": round(movie.explanation.R, 2),
        "ratingCount": movie.explanation.n,
        "bestRating": 5,
        "worstRating": 0.5,
    }


def as_script(data: dict[str, object]) -> SafeString:
    """JSON for a script element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)
    return mark_safe(text)  # noqa: S308  # nothing in it can be markup
