"""/for-you/import/: ratings exported from other sites become an address of `/for-you/`.

Nothing is kept: the file is read in memory, and forgotten with the answer. So a POST changes
nothing, and needs no token against forgery; pages are cached for everybody and could not hold one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from app.catalogue.catalogue import CuratedCatalogue
from app.catalogue.columns import value
from app.catalogue.ratings_import.formats import (
    Export,
    ImportedMovie,
    UnreadableExport,
    read_export,
)
from app.catalogue.ratings_import.matching import CatalogueMovie, Matches, match
from app.pages.page import Page, PageView, about, page
from app.serving import watcher as watching
from app.serving.catalogue_view import Query
from app.serving.version import CatalogueVersion
from app.web.for_you_params import MOST_SEEN, ForYouParams
from app.web.parameters import MOST_PICKS, NoParams
from app.web.problems import READ_METHODS

ROOM_FOR_SEEN = MOST_SEEN - 100
"""This leaves room in the address for movies seen later."""
MOST_SHOWN = 200
"""How many movies that were not found are listed."""
FAULTS: dict[str, str | Promise] = {
    "nothing": _("Choose a file, or paste what is in it."),
    "empty": _("There is nothing in it."),
    "too_large": _(
        "It is larger than 4 MB. An export of ratings is smaller: is it the right file?"
    ),
    "too_long": _("This is too much to paste: choose the file instead."),
    "zip": _("This is an archive: unpack it first, and choose ratings.csv in it."),
    "not_text": _("This is not a text file: choose the CSV or JSON file of the export."),
    "malformed": _("It cannot be read to the end: export it again."),
    "unknown_format": _(
        "The format of this export is not recognized: its first line should name the columns of "
        "Letterboxd, IMDb or MovieLens, or it should be the JSON of Trakt."
    ),
    "no_movies": _("There is no movie in it."),
}


class Refused(Exception):
    """`fault` is a key of FAULTS."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Imported:
    """The result of an import."""

    source: str
    rated: int
    used: int
    """Ratings that go into the address of the list: the highest."""
    seen: int
    """Other movies, which are left out of the list."""
    dropped: int
    """Other movies for which the address has no room."""
    skipped: int
    unknown: list[ImportedMovie]
    ambiguous: list[ImportedMovie]
    missing: int
    query: str


class ImportView(PageView[NoParams]):
    """The page, and its answer to a file."""

    methods = (*READ_METHODS, "POST")

    def respond(self, request: HttpRequest, path: dict[str, object]) -> HttpResponse:
        """The form, from the cache; for an export the result, which is not cached."""
        if request.method != "POST":
            return super().respond(request, path)
        version = watching.watcher.check().current()
        version.check_rows()
        shown: dict[str, object]
        try:
            shown = {"imported": _imported(version, read_export(_sent(request)))}
        except (Refused, UnreadableExport) as refused:
            shown = {"fault": FAULTS[refused.fault]}
        body = self.write(request, _page(version, shown))
        response = HttpResponse(body, content_type=self.content_type)
        response.status_code = HTTPStatus.BAD_REQUEST if "fault" in shown else HTTPStatus.OK
        response["Cache-Control"] = "no-store"
        return response


@page(NoParams, ImportView)
def import_ratings(query: Query[NoParams]) -> Page:
    """The form."""
    return _page(query.version, {})


def _page(version: CatalogueVersion, shown: dict[str, object]) -> Page:
    return Page("app/import_ratings.html", about(version.run) | {"most": MOST_PICKS} | shown)


def _sent(request: HttpRequest) -> bytes:
    """The file, or what was pasted. Raises Refused."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
        raise Refused("too_large")
    request.upload_handlers = [MemoryFileUploadHandler(request)]  # never on disk
    try:
        file, pasted = request.FILES.get("file"), request.POST.get("pasted", "")
    except RequestDataTooBig:
        raise Refused("too_long") from None
    except (MultiPartParserError, BadRequest, SuspiciousOperation, LookupError, UnicodeError):
        raise Refused("malformed") from None  # not a browser's form, or one in an odd encoding
    if file is None and not pasted.strip():
        raise Refused("nothing")
    return bytes(file.read()) if file else pasted.encode()


def _imported(version: CatalogueVersion, export: Export) -> Imported:
    found = match(export.movies, _movies(version.curated))
    picks, seen = _picks_and_seen(found)
    return Imported(
        source=export.source,
        rated=len(found.stars),
        used=len(picks),
        seen=len(seen[:ROOM_FOR_SEEN]),
        dropped=len(seen[ROOM_FOR_SEEN:]),
        skipped=export.skipped,
        unknown=found.unknown[:MOST_SHOWN],
        ambiguous=found.ambiguous[:MOST_SHOWN],
        missing=len(found.unknown) + len(found.ambiguous),
        query=ForYouParams().naming(picks, seen[:ROOM_FOR_SEEN]).query,
    )


def _picks_and_seen(found: Matches) -> tuple[dict[int, float | None], list[int]]:
    """The highest ratings, and all other movies, those with the most stars first."""
    best = sorted(found.stars.items(), key=lambda one: (-one[1], one[0]))
    picks: dict[int, float | None] = dict(best[:MOST_PICKS])
    return picks, [movie_id for movie_id, _stars in best[MOST_PICKS:]] + sorted(found.watched)


def _movies(curated: CuratedCatalogue) -> Iterator[CatalogueMovie]:
    """All movies that are not hidden."""
    columns, hidden = curated.catalogue.columns, curated.decisions.hidden
    for row, movie_id in enumerate(columns.movie_ids):
        if movie_id in hidden:
            continue
        imdb, tmdb = columns.ids_elsewhere(row)
        year = value(columns.catalogue_years[row])
        yield CatalogueMovie(movie_id, columns.titles[row], year, imdb.lstrip("0"), tmdb)
