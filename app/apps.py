"""Tells Django about the app and its system checks."""

from django.apps import AppConfig


class RecommendationsConfig(AppConfig):
    name = "app"
    verbose_name = "Movie recommendations"

    def ready(self) -> None:
        from app.ops import checks  # noqa: F401  # importing registers them
