"""What the templates of the admin may ask for beside what their views give them."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from app.models import Run


def current_run(_request: HttpRequest) -> dict[str, Any]:
    """`current_run`, read only where a template names it."""
    return {"current_run": SimpleLazyObject(Run.objects.current().first)}
