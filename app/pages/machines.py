"""Files for machines at fixed addresses: robots.txt, the sitemap, the manifest, the icon."""

from functools import cache
from pathlib import Path
from typing import Annotated, cast
from xml.sax.saxutils import escape

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from app.catalogue.bitsets import members
from app.catalogue.orders import RANKING
from app.pages.errors import by_accept_header
from app.serving.catalogue_view import CatalogueView, Query
from app.serving.version import CatalogueVersion
from app.web.parameters import NoParams
from app.web.problems import Problem, missing
from app.web.values import WholeNumber

ICON = Path(__file__).parent.parent / "static" / "app" / "favicon.ico"
DAY = "public, max-age=86400"
PAGES = ("root", "movies", "for_you", "about", "dashboard", "runs", "api_docs")
ADDRESSES = 10_000
"""In one file of the sitemap; 50,000 are allowed, but this keeps a file below a megabyte."""
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
# An address with parameters shows the same as without, in another order or of an earlier run.
ROBOTS = """\
User-agent: *
Allow: /*?language=
Allow: /api/docs/
Disallow: /*?
Disallow: /*?language=*&
Disallow: /admin/
Disallow: /api/
Sitemap: {sitemap}
"""
SitemapNumber = Annotated[int, WholeNumber(1, 1_000)]


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may read (RFC 9309)."""
    text = ROBOTS.format(sitemap=request.build_absolute_uri(reverse("sitemap")))
    headers = {"Cache-Control": DAY}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """The icon at the address that browsers request by default."""
    return HttpResponse(_icon(), content_type="image/x-icon", headers={"Cache-Control": DAY})


@cache
def _icon() -> bytes:
    return ICON.read_bytes()


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What the site is called and looks like on a home screen (W3C Web Application Manifest)."""
    icons = [
        {"src": static("app/icon.svg"), "type": "image/svg+xml", "sizes": "any"},
        {"src": static("app/icon-192.png"), "type": "image/png", "sizes": "192x192"},
        {"src": static("app/icon-512.png"), "type": "image/png", "sizes": "512x512"},
    ]
    described = {
        "name": _("Movie recommendations"),
        "short_name": _("Movies"),
        "id": "/",
        "start_url": reverse("root"),
        "display": "minimal-ui",
        "background_color": "#faf8f4",
        "theme_color": "#9b2c1f",
        "icons": icons,
    }
    headers = {"Cache-Control": DAY}
    return JsonResponse(described, content_type="application/manifest+json", headers=headers)


class SitemapView(CatalogueView[NoParams]):
    """A file of the sitemap (sitemaps.org)."""

    content_type = "application/xml"
    cache_control = "public, max-age=3600"

    def write(self, request: HttpRequest, shown: object) -> bytes:
        """The XML, unchanged."""
        return cast(str, shown).encode()

    def write_problem(self, request: HttpRequest, problem: Problem) -> HttpResponse:
        """A page for browsers, JSON for crawlers."""
        return by_accept_header(request, problem)

    def variant(self) -> str:
        """Nothing besides version and parameters."""
        return "sitemap"


def _index(query: Query[NoParams]) -> str:
    """The files that the sitemap is in."""
    files = range(1, -(-_count(query.version) // ADDRESSES) + 1)
    paths = [reverse("sitemap_file", args=[number]) for number in files]
    return _xml(query, reverse("sitemap"), "sitemapindex", "sitemap", paths)


def _file(query: Query[NoParams], *, number: SitemapNumber) -> str:
    """One of the files."""
    start = (number - 1) * ADDRESSES
    if start >= _count(query.version):
        raise missing(f"The sitemap has no file {number}.")
    paths = _paths(query.version, start, start + ADDRESSES)
    return _xml(query, reverse("sitemap_file", args=[number]), "urlset", "url", paths)


def _count(version: CatalogueVersion) -> int:
    return len(PAGES) + version.curated.shown[RANKING].bit_count()


def _paths(version: CatalogueVersion, start: int, stop: int) -> list[str]:
    """The slice from `start` to `stop`: the pages, then the movies, the best first."""
    ordering, ids = version.catalogue.orderings[RANKING], version.catalogue.columns.movie_ids
    pages = [reverse(name) for name in PAGES][start:stop]
    first, last = (max(n - len(PAGES), 0) for n in (start, stop))
    places = members(version.curated.shown[RANKING], first, last)
    # Addresses of movies are built by the thousand: reverse() is called once.
    movie = reverse("movie", args=[0])
    return [*pages, *(movie.replace("0", str(ids[ordering.rows[place]])) for place in places)]


def _xml(query: Query[NoParams], here: str, root: str, entry: str, paths: list[str]) -> str:
    """A document whose address ends with `here`; all entries were modified when the run was."""
    site = escape(query.address.removesuffix(here))
    published = query.version.run.finished_at.isoformat(timespec="seconds")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<{root} xmlns="{NAMESPACE}">',
        *(
            f"<{entry}><loc>{site}{path}</loc><lastmod>{published}</lastmod></{entry}>"
            for path in paths
        ),
        f"</{root}>",
    ]
    return "\n".join(lines) + "\n"


sitemap = SitemapView(_index, NoParams)
sitemap_file = SitemapView(_file, NoParams)
