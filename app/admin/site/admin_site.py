"""Django's admin with pages of this site: the index, who can do what, import and export."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from app.admin.curation import exchange
from app.admin.site import home, people

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
_SESSION_ENDED = _(
    "Your session has ended. Log in again to return to where you were; anything that you typed and "
    "did not save is lost."
)


class RecommendationsAdminSite(admin.AdminSite):
    """The admin of this project, without a second factor; `app.apps` names it."""

    site_header = _("Movie recommendations")
    site_title = _("Movie recommendations")
    index_title = _("Catalogue, curation and runs")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        pages = [
            ("people/", self.who_can_do_what, "people"),
            ("curation/export.csv", exchange.export_csv, "curation_csv"),
            ("curation/export.json", exchange.export_json, "curation_json"),
            ("curation/import/", exchange.import_, "curation_import"),
        ]
        own = [path(at, self.admin_view(view), name=name) for at, view, name in pages]
        return [*own, *super().get_urls()]

    def who_can_do_what(self, request: HttpRequest) -> HttpResponse:
        return people.who_can_do_what(request, self.second_factors)

    def second_factors(self) -> set[int] | None:
        """The keys of the users who have one; None, as this admin never asks for one."""
        return None

    def lacks_second_factor(self, request: HttpRequest) -> bool:
        """Whether the user should have one and does not."""
        return False

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        shown = home.at_a_glance(request, lacks_second_factor=self.lacks_second_factor(request))
        return super().index(request, shown | (extra_context or {}))

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Tell a user on the login page that their session has ended."""
        guarded = super().admin_view(view, cacheable)

        def with_notice(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.COOKIES.get(settings.SESSION_COOKIE_NAME) and request.user.is_anonymous:
                messages.warning(request, _SESSION_ENDED)
            return guarded(request, *args, **kwargs)

        return cast(View, update_wrapper(with_notice, guarded))
