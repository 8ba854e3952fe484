"""Login to the admin: how passwords are hashed, and what happens to those who guess them.

django-axes counts the failures, per user name and address, in the database.
"""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import hashers
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from app.ops import client_ip
from app.pages.errors import by_accept_header
from app.web.problems import Problem

Credentials = Mapping[str, Any]
LONGEST_NAME = 255


class Argon2PasswordHasher(hashers.Argon2PasswordHasher):
    """OWASP's least: Django's own choice takes 100 MB a login, of a machine that has 1 GB."""

    memory_cost = 19 * 1024  # in KiB
    time_cost = 2
    parallelism = 1


def name(_request: HttpRequest, credentials: Credentials | None) -> str:
    """Who wants in, as far as the table of failures can hold it; forms take names of any length."""
    return str((credentials or {}).get("username") or "")[:LONGEST_NAME]


def locked_out(
    request: HttpRequest, _answer: HttpResponse | None, credentials: Credentials | None
) -> HttpResponse:
    """Too many failures: 429, and when it is worth while to try again."""
    problem = Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        _("Too many failed logins under this name: wait a quarter of an hour."),
    )
    problem.headers["Retry-After"] = str(_seconds_left(request, name(request, credentials)))
    return by_accept_header(request, problem)


def _seconds_left(request: HttpRequest, username: str) -> int:
    """Until the last failure that counts is forgotten."""
    counted = AccessAttempt.objects.filter(username=username, ip_address=client_ip.address(request))
    last = counted.aggregate(Max("attempt_time"))["attempt_time__max"] or timezone.now()
    left: timedelta = last + settings.AXES_COOLOFF_TIME - timezone.now()
    return max(1, round(left.total_seconds()))


def forged(request: HttpRequest, **_reason: object) -> HttpResponse:
    """A form that was not sent from one of our pages, or long after."""
    detail = _("The form is too old, or it is not from this site: load the page anew.")
    return by_accept_header(request, Problem(HTTPStatus.FORBIDDEN, detail))
