"""Django's admin with pages of this site's own: the first one, who can do what, import, export."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from app.admin import exchange, home, people

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
_ENDED = _(
    "You were logged in, and that has ended. Log in again and you come back to where you were; "
    "what you had typed and not saved is lost."
)


class Site(admin.AdminSite):
    """The one admin of this project; `app.apps.AdminConfig` names it."""

    site_header = _("Movie recommendations")
    site_title = _("Movie recommendations")
    index_title = _("Catalogue, curation and runs")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        pages = [
            ("people/", people.who_can_do_what, "people"),
            ("curation/export.csv", exchange.export_csv, "curation_csv"),
            ("curation/export.json", exchange.export_json, "curation_json"),
            ("curation/import/", exchange.import_, "curation_import"),
        ]
        own = [path(at, self.admin_view(view), name=name) for at, view, name in pages]
        return [*own, *super().get_urls()]

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if settings.ADMIN_SECOND_FACTOR:
            from app.admin import second_factor  # noqa: PLC0415  # its tables are there only then

            self.login_form = second_factor.LoginForm
        return super().login(request, extra_context)

    def has_permission(self, request: HttpRequest) -> bool:
        """Whoever has a second factor has to have used it for this very session."""
        may = super().has_permission(request)
        if not may or not settings.ADMIN_SECOND_FACTOR:
            return may
        from app.admin import second_factor  # noqa: PLC0415

        return second_factor.is_satisfied(request)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        return super().index(request, home.at_a_glance(request) | (extra_context or {}))

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Where a session has ended it says so, on the page of the login that comes next."""
        guarded = super().admin_view(view, cacheable)

        def telling(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.COOKIES.get(settings.SESSION_COOKIE_NAME) and request.user.is_anonymous:
                messages.warning(request, _ENDED)
            return guarded(request, *args, **kwargs)

        return cast(View, update_wrapper(telling, guarded))
