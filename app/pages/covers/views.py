"""/covers/<id>.svg: made from the catalogue in memory.

At an address that names its version a cover never changes. At any other it is cached for a short
while: the title may be corrected, and another release may draw it differently.
"""

from dataclasses import dataclass
from typing import Annotated, Literal, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from pydantic import Field

from app.catalogue.columns import value
from app.pages.covers.drawing import CoverSubject, cover_version, draw, release
from app.pages.covers.posters import posters
from app.serving import watcher as watching
from app.serving.catalogue_view import CatalogueView, Query
from app.web.parameters import Parameters
from app.web.problems import Problem, as_json
from app.web.values import Text

FOR_GOOD = "public, max-age=31536000, immutable"
FOR_A_WHILE = "public, max-age=300"
UNTIL_THE_POSTER = "public, max-age=30"
FOR_A_DAY = "public, max-age=86400"
LARGE, SMALL = 342, 92
"""Widths that TMDB has posters in."""


class CoverParams(Parameters):
    """Which version of the drawing is requested."""

    v: Annotated[str | None, Text(20), Field(description="The version of the cover.")] = None
    bare: Annotated[Literal["1"] | None, Field(description="Without the title.")] = None


@dataclass(frozen=True, slots=True)
class Cover:
    """A drawing, and whether it never changes at its address."""

    svg: str
    is_final: bool


class CoverView(CatalogueView[CoverParams]):
    """SVG, the same for everybody."""

    content_type = "image/svg+xml"
    cache_control = FOR_A_WHILE

    def write(self, request: HttpRequest, shown: object) -> bytes:
        """The image."""
        return cast(Cover, shown).svg.encode()

    def respond(self, request: HttpRequest, path: dict[str, object]) -> HttpResponse:
        """The drawn cover, or a redirect to the poster if one is configured and known."""
        drawn = super().respond(request, path)
        if not settings.TMDB_API_KEY:
            return drawn
        width = SMALL if "bare" in request.GET else LARGE
        if poster := posters.address(_tmdb_id(cast(int, path["movie_id"])), width=width):
            return HttpResponseRedirect(poster, headers={"Cache-Control": FOR_A_DAY})
        drawn["Cache-Control"] = UNTIL_THE_POSTER
        return drawn

    def variant(self) -> str:
        """The code that draws."""
        return f"cover {release()}"

    def caching(self, shown: object) -> str:
        """Forever if the address names the version."""
        return FOR_GOOD if cast(Cover, shown).is_final else super().caching(shown)

    def write_problem(self, request: HttpRequest, problem: Problem) -> HttpResponse:
        """Always JSON: nobody reads a problem in place of an image."""
        return as_json(problem)


def _cover(query: Query[CoverParams], *, movie_id: int) -> Cover:
    curated, params = query.version.curated, query.params
    columns, row = curated.catalogue.columns, curated.row_of(movie_id)
    subject = CoverSubject(
        movie_id, columns.titles[row], value(columns.catalogue_years[row]), columns.genre_names(row)
    )
    svg = draw(subject, titled=params.bare is None)
    return Cover(svg, is_final=params.v == cover_version(subject))


cover = CoverView(_cover, CoverParams)


def _tmdb_id(movie_id: int) -> str:
    curated = watching.watcher.check().current().curated
    return curated.catalogue.columns.ids_elsewhere(curated.row_of(movie_id))[1]


def cover_address(subject: CoverSubject, *, titled: bool = True) -> str:
    """The address at which a cover may be cached forever."""
    bare = "" if titled else "&bare=1"
    address = reverse("cover", args=[subject.movie_id])
    return f"{address}?v={cover_version(subject)}{bare}"
