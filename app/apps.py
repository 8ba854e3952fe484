"""Tells Django about the app and its system checks."""

from importlib import import_module

from django.apps import AppConfig, apps
from django.conf import settings
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
    default_site = "app.admin.site.admin_site.RecommendationsAdminSite"
    if settings.ADMIN_SECOND_FACTOR:
        default_site = "app.admin.site.second_factor.SecondFactorAdminSite"

    def ready(self) -> None:
        """Import our pages before Django looks for any: else it would make the site twice."""
        import_module("app.admin")
        super().ready()
        if settings.ADMIN_SECOND_FACTOR:
            _keep_secrets_out()


def _keep_secrets_out() -> None:
    """Codes are set up by `manage.py second_factor`; django-otp's pages would show the secrets."""
    from django.contrib.admin import site  # noqa: PLC0415  # there is none before

    for name in ("otp_totp", "otp_static"):
        for model in apps.get_app_config(name).get_models():
            if site.is_registered(model):
                site.unregister(model)
