"""Declare pages: like JSON addresses, but with a canonical address and a language."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Concatenate, TypeVar, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string
from django.utils.translation import get_language

from app.api.shapes import run_notice
from app.catalogue.digest import digest
from app.catalogue.runs import RunFigures
from app.pages.addresses import redirect_to_canonical
from app.pages.errors import as_page
from app.pages.language import PARAMETER, finish, language_of, without_language
from app.serving import watcher as watching
from app.serving.catalogue_view import CatalogueView, Query
from app.web.parameters import Parameters
from app.web.problems import DATABASE_ERRORS, READ_METHODS, Problem

P = TypeVar("P", bound=Parameters)
T = TypeVar("T")
APP = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Page:
    """What a view returns: a template and what it shows."""

    template: str
    context: dict[str, object]


class PageView(CatalogueView[P]):
    """A page; pages with special needs have a subclass."""

    content_type = "text/html; charset=utf-8"
    # Whoever decides or publishes wants to see it at once: browsers ask again, and mostly get 304.
    cache_control = "no-cache"

    def __call__(self, request: HttpRequest, **path: object) -> HttpResponse:
        """Redirect to the canonical address, or answer."""
        elsewhere = redirect_to_canonical(request, {*self.params.model_fields, PARAMETER})
        if elsewhere and request.method in READ_METHODS:
            return elsewhere
        with language_of(request) as code:
            return finish(request, super().__call__(request, **path), code)

    def typed(self, request: HttpRequest) -> QueryDict:
        """Every page takes a language."""
        return without_language(super().typed(request))

    def write(self, request: HttpRequest, shown: object) -> bytes:
        """The HTML of a page."""
        page = cast(Page, shown)
        return render_to_string(page.template, page.context, request).encode()

    def write_problem(self, request: HttpRequest, problem: Problem) -> HttpResponse:
        """The problem as a page."""
        return as_page(request, problem)

    def variant(self) -> str:
        """What else a page depends on: its language and its templates."""
        return f"page {get_language()} {layout() if settings.DEBUG else _layout()}"


def layout() -> str:
    """Digest of all that pages are made from: after a release a browser must not keep them."""
    kinds = ("**/*.py", "templates/app/*.html", "static/app/*", "locale/**/*.mo")
    files = sorted(file for kind in kinds for file in APP.glob(kind))
    return digest(b"".join(file.read_bytes() for file in files))


_layout = cache(layout)


def page(
    params: type[P], view: type[PageView[P]] = PageView
) -> Callable[[Callable[Concatenate[Query[P], ...], Page]], PageView[P]]:
    """Declare a page of a version of the catalogue."""
    return lambda show: view(show, params)


def from_database(query: Query[Parameters], load: Callable[[], T]) -> T | None:
    """What a page shows besides the catalogue in memory; None while the database is away.

    The view must keep an answer without it out of all caches: the next reader should see more.
    """
    if query.check.error:  # do not make a thread wait to find out again
        return None
    try:
        return load()
    except DATABASE_ERRORS:
        watching.watcher.invalidate()
        return None


def about(run: RunFigures) -> dict[str, object]:
    """What every page says about its run."""
    return {"run": run, "notice": run_notice(run), "is_current": run.status == "current"}
