"""Tells Django about the app and its system checks."""

from django.apps import AppConfig


class RecommendationsConfig(AppConfig):
    """The one app of the site."""

    name = "app"
    verbose_name = "Movie recommendations"

    def ready(self) -> None:
        """Register the system checks."""
        from app.ops import checks  # noqa: F401, PLC0415  # importing registers them
