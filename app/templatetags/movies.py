"""`{% load movies %}`: titles, covers and genres as pages show them."""

from collections.abc import Iterable

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString

from app.catalogue.movies.spoken_titles import spoken_title
from app.pages import genres as genre_names
from app.pages.covers.drawing import CoverSubject
from app.pages.covers.views import cover_address

SMALLEST_WITH_TITLE = 64
"""In pixels of width; on smaller covers the title would not be legible."""
register = template.Library()


@register.filter
def spoken(title: str) -> str:
    """The title as people say it."""
    return spoken_title(title).title


@register.filter
def originals(title: str) -> tuple[str, ...]:
    """The other titles of the movie."""
    return spoken_title(title).originals


@register.filter
def genre_name(genre: str) -> str:
    """A genre in the reader's language."""
    return genre_names.genre_name(genre)


@register.filter
def genre_list(genres: Iterable[str]) -> str:
    """Genres in the reader's language, on one line."""
    return " · ".join(map(genre_names.genre_name, genres))


@register.simple_tag
def has_posters() -> bool:
    """Whether posters from TMDB replace covers, which has to be mentioned."""
    return bool(settings.TMDB_API_KEY)


@register.simple_tag
def cover(
    movie_id: int, title: str, year: int | None, genres: Iterable[str], size: int = 96
) -> SafeString:
    """The cover, `size` pixels wide. Its alt text is empty: the title is beside it."""
    subject = CoverSubject(movie_id, title, year, tuple(genres))
    return format_html(
        '<img class="cover" src="{}" width="{}" height="{}" loading="lazy" alt="">',
        cover_address(subject, titled=size >= SMALLEST_WITH_TITLE),
        size,
        size * 3 // 2,
    )
