"""The context processor of the admin's templates."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from app.models import Run


def current_run(_request: HttpRequest) -> dict[str, Any]:
    """`current_run`, queried only where a template uses it."""
    return {"current_run": SimpleLazyObject(Run.objects.current().first)}
