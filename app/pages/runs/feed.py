"""/runs/feed.atom: the published runs as an Atom feed (RFC 4287), with what entered and climbed.

An entry is identified by the run's address and the day it started. It says what changed as long as
the run is among the newest, and the run before it is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, get_tag_uri
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from app.catalogue.lists.comparison import Comparison, Ranks, compare_ranks, previous_ranks, ranks
from app.catalogue.loader import load_ranks_of_run
from app.catalogue.runs import RunFigures
from app.pages.page import PageView, from_database
from app.pages.runs.moves import by_kind
from app.serving.catalogue_view import Query
from app.serving.version import CatalogueVersion
from app.web.parameters import NoParams

ENTRIES = 20
COMPARED = 3
"""How many of the newest runs say what changed: each but the current one costs a query."""
MOVES_SHOWN = 10
TEMPLATE = "app/_feed_entry.html"


@dataclass(frozen=True, slots=True)
class Feed:
    """The feed, and whether its entries are complete: not while the database is away."""

    atom: Atom1Feed
    is_whole: bool


class FeedView(PageView[NoParams]):
    """Like a page, but Atom."""

    content_type = "application/atom+xml; charset=utf-8"

    def write(self, request: HttpRequest, shown: object) -> bytes:
        """The feed, unchanged."""
        return cast(Feed, shown).atom.writeString("utf-8").encode()

    def caching(self, shown: object) -> str:
        """No cache keeps a feed without changes: the next reader should see more."""
        return super().caching(shown) if cast(Feed, shown).is_whole else "no-store"


def _feed(query: Query[NoParams]) -> Feed:
    """The feed of the newest runs."""
    version, site = query.version, query.address.removesuffix(reverse("feed"))
    feed = Atom1Feed(
        title=_("Movie recommendations: published runs"),
        link=site + reverse("runs"),
        description=None,
        subtitle=_("What entered the ranking with each run, and what climbed."),
        author_name=_("Movie recommendations"),
        feed_url=query.address,
        feed_guid=get_tag_uri(query.address, version.runs[-1].started_at),
        language=get_language(),
    )
    known, is_whole = _ranks(query)
    changes = _changes(version, known)
    for run in version.runs[:ENTRIES]:
        address = site + reverse("run", args=[run.id])
        feed.add_item(
            title=_("Run %(id)s") % {"id": run.id},
            link=address,
            description=_content(version, run, changes.get(run.id), site),
            unique_id=get_tag_uri(address.rstrip("/"), run.started_at),
            pubdate=run.finished_at,
            updateddate=run.finished_at,
        )
    return Feed(feed, is_whole)


def _content(
    version: CatalogueVersion, run: RunFigures, found: Comparison | None, site: str
) -> str:
    """The content of an entry, as HTML."""
    curated = version.curated
    kinds = by_kind(found, curated, curated, most=MOVES_SHOWN) if found else []
    return render_to_string(TEMPLATE, {"one": run, "kinds": kinds, "site": site})


def _changes(version: CatalogueVersion, known: Mapping[int, Ranks]) -> dict[int, Comparison]:
    """Id of a run -> what changed in it, for the newest kept runs that follow another one."""
    kept, hidden = version.kept[: COMPARED + 1], version.curated.decisions.hidden
    return {
        after: compare_ranks(known[before], known[after], hidden=hidden)
        for before, after in zip(kept[1:], kept, strict=False)
        if known.get(before) and known.get(after)  # otherwise it was purged just now, or not read
    }


def _ranks(query: Query[NoParams]) -> tuple[dict[int, Ranks], bool]:
    """The ranks of the compared runs, and whether all are there: not while the database is away."""
    known = _ranks_in_memory(query.version)
    missing = set(query.version.kept[: COMPARED + 1]) - known.keys()
    found = from_database(query, lambda: {id_: load_ranks_of_run(id_) for id_ in missing})
    return known | (found or {}), found is not None or not missing


def _ranks_in_memory(version: CatalogueVersion) -> dict[int, Ranks]:
    catalogue = version.catalogue
    known = {catalogue.run.id: ranks(catalogue)}
    if catalogue.previous_run is not None:
        known[catalogue.previous_run] = previous_ranks(catalogue)
    return known


feed = FeedView(_feed, NoParams)
"""The address."""
