"""Tells Django about the app and its system checks."""

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.utils.translation import gettext_lazy as _


class RecommendationsConfig(AppConfig):
    """The one app of the site."""

    name = "app"
    verbose_name = _("Movie recommendations")

    def ready(self) -> None:
        """Register the system checks."""
        from app.ops import checks  # noqa: F401, PLC0415  # importing registers them


class AdminConfig(admin.AdminConfig):
    """Django's admin, with this site's own pages in it."""

    default = False  # the app of this package is the one above
    default_site = "app.admin.own_site.Site"

    def ready(self) -> None:
        """Import our pages before Django looks for any: else it would make the site twice."""
        import_module("app.admin")
        super().ready()
