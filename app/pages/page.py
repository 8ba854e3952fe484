"""How a page is declared: as a JSON address is, but with one address and a language."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from hashlib import blake2b
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language

from app.api.shapes import notice
from app.catalogue.runs import RunFigures
from app.pages.addresses import redirect_to_canonical
from app.pages.errors import as_page
from app.serving.responses import Query, answers, public
from app.web.parameters import Parameters
from app.web.problems import READ_METHODS, Problem

P = TypeVar("P", bound=Parameters)
K = ParamSpec("K")
APP = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Page:
    """What a view returns: a template and what it shows."""

    template: str
    context: dict[str, object]


class PageMedium:
    """Pages of every run; what is special to one page, its own medium overrides."""

    content_type = "text/html; charset=utf-8"
    # Whoever decides or publishes looks at once: browsers ask anew, and mostly get 304.
    cache_control = "no-cache"

    def write(self, request: HttpRequest, shown: object) -> bytes:
        """The HTML of a page."""
        page = cast(Page, shown)
        return render_to_string(page.template, page.context, request).encode()

    def key(self, request: HttpRequest) -> str:
        """What else a page depends on: its language and its templates."""
        return f"page {get_language()} {layout() if settings.DEBUG else _layout()}"

    def links(self, shown: object) -> str | None:
        """Pages have none: their links are in them."""
        return None

    def problem(self, request: HttpRequest, problem: Problem) -> HttpResponse:
        """The problem as a page."""
        return as_page(request, problem)


def layout() -> str:
    """Digest of all that pages are made of: with another release a browser must not keep them."""
    kinds = ("**/*.py", "templates/app/*.html", "static/app/*")
    files = sorted(file for kind in kinds for file in APP.glob(kind))
    return blake2b(b"".join(file.read_bytes() for file in files), digest_size=6).hexdigest()


_layout = cache(layout)


def page(
    params: type[P], medium: PageMedium | None = None
) -> Callable[
    [Callable[Concatenate[Query[P], K], Page]],
    Callable[Concatenate[HttpRequest, K], HttpResponse],
]:
    """Declares a page of a version of the catalogue."""

    def declare(
        view: Callable[Concatenate[Query[P], K], Page],
    ) -> Callable[Concatenate[HttpRequest, K], HttpResponse]:
        served = answers(medium or PageMedium(), params)(view)

        @wraps(view)
        def canonical(request: HttpRequest, /, *args: K.args, **kwargs: K.kwargs) -> HttpResponse:
            elsewhere = redirect_to_canonical(request, params.model_fields)
            if elsewhere and request.method in READ_METHODS:
                return elsewhere
            return served(request, *args, **kwargs)

        public.add(canonical)
        return canonical

    return declare


def about(run: RunFigures) -> dict[str, object]:
    """What every page says of its run."""
    return {"run": run, "notice": notice(run), "is_current": run.status == "current"}
