"""Login to the admin: how passwords are hashed, and what happens to clients that guess them.

django-axes counts failed logins in the database, by user name and network.
"""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from math import ceil
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import hashers
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from app.ops import client_ip
from app.pages.errors import by_accept_header, in_language
from app.web.problems import Problem

Credentials = Mapping[str, Any]
LONGEST_NAME = 255


class Argon2PasswordHasher(hashers.Argon2PasswordHasher):
    """OWASP's minimum: Django's default takes 100 MB per login, on a machine that has 1 GB."""

    memory_cost = 19 * 1024  # in KiB
    time_cost = 2
    parallelism = 1


class Backend(ModelBackend):
    """Django's backend, but a refusal takes the same time whatever the user name.

    For an unknown user Django hashes once, with today's algorithm. An old hash takes several times
    as long, which would reveal that the user exists. So as long as there is one, every refusal runs
    both.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **more: Any,
    ) -> User | None:
        """The user, or None."""
        user = super().authenticate(request, username, password, **more)
        if user is None and username is not None and password is not None:
            _hash_in_other_ways(username, password)
        return user


def _hash_in_other_ways(username: str, password: str) -> None:
    """Run the algorithms that Django would run for other users but did not for this one."""
    today = str(hashers.get_hasher().algorithm)
    kept = dict(User.objects.values_list("username", "password"))
    done = _algorithm(kept.get(username, "")) or today
    samples = {_algorithm(encoded): encoded for encoded in kept.values()}
    for algorithm in (samples.keys() | {today}) - {done, ""}:
        hasher = hashers.get_hasher(algorithm)
        if algorithm == today:
            hasher.encode(password, hasher.salt())
        else:
            hasher.verify(password, samples[algorithm])


def _algorithm(encoded: str) -> str:
    """Empty for an unusable password, which Django treats like an unknown user."""
    try:
        return str(hashers.identify_hasher(encoded).algorithm)
    except ValueError:
        return ""


def name(_request: HttpRequest, credentials: Credentials | None) -> str:
    """The user name, cut to what the table of failures can hold; forms take any length."""
    return str((credentials or {}).get("username") or "")[:LONGEST_NAME]


@in_language
def locked_out(
    request: HttpRequest, _answer: HttpResponse | None, credentials: Credentials | None
) -> HttpResponse:
    """The answer after too many failures: 429, and when to try again."""
    seconds = _seconds_left(request, name(request, credentials))
    words: dict[str, object] = {"minutes": ceil(seconds / 60)}
    detail = "Too many failed logins under this name: wait a quarter of an hour."
    problem = Problem(HTTPStatus.TOO_MANY_REQUESTS, detail, code="locked_out", words=words)
    problem.headers["Retry-After"] = str(seconds)
    return by_accept_header(request, problem)


def _seconds_left(request: HttpRequest, username: str) -> int:
    """Seconds until the last failure that counts expires."""
    counted = AccessAttempt.objects.filter(username=username, ip_address=client_ip.network(request))
    last = counted.aggregate(Max("attempt_time"))["attempt_time__max"] or timezone.now()
    left: timedelta = last + settings.AXES_COOLOFF_TIME - timezone.now()
    return max(1, round(left.total_seconds()))


@in_language
def forged(request: HttpRequest, /, **_reason: object) -> HttpResponse:
    """The answer to a form that is not from a page of this site, or is too old."""
    detail = (
        "The form is too old, or it is not from this site, so nothing was saved. This happens if "
        "the page was open while you logged in again, or if your browser blocks cookies."
    )
    return by_accept_header(request, Problem(HTTPStatus.FORBIDDEN, detail, code="forged"))
