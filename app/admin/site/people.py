"""Who can do what: the users of the admin and their rights, for superusers alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from app.admin.base import signed_in
from app.admin.rights import ACTIVATE, DECIDE, EXPORT, START, VIEW_REJECTED, VIEW_RUNS, WITHDRAW

MOST = 500
ABILITIES: list[tuple[str | Promise, tuple[str, ...]]] = [
    (_("hide, pin, note"), DECIDE),
    (_("withdraw"), WITHDRAW),
    (_("import curation"), (*DECIDE, *WITHDRAW)),
    (_("export curation"), (EXPORT,)),
    (_("look at runs"), (VIEW_RUNS,)),
    (_("read rejected rows"), (VIEW_RUNS, VIEW_REJECTED)),
    (_("make a run current"), (VIEW_RUNS, ACTIVATE)),
    (_("start a run"), (START,)),
]
"""What a user can do -> all the rights that this takes."""


@dataclass(frozen=True)
class Person:
    """A user, and which of the abilities they have."""

    user: User
    groups: list[str]
    abilities: list[bool]
    locked_until: datetime | None
    has_second_factor: bool | None
    """None where the admin never asks for one."""


def who_can_do_what(
    request: HttpRequest, second_factors: Callable[[], set[int] | None]
) -> HttpResponse:
    """The page. `second_factors` returns the keys of users who have one, None where it is off."""
    if not signed_in(request).is_superuser:
        raise PermissionDenied
    owners = second_factors()
    context = {
        **admin.site.each_context(request),
        "title": gettext("Who can do what"),
        "abilities": [label for label, _rights in ABILITIES],
        "people": _people(owners),
        "most": MOST,
        "second_factors": owners is not None,
    }
    return TemplateResponse(request, "admin/people.html", context)


def _people(second_factors: set[int] | None) -> list[Person]:
    """All users, superusers and staff first; a constant number of queries."""
    rights = Permission.objects.select_related("content_type")
    users = User.objects.order_by("-is_superuser", "-is_staff", "username").prefetch_related(
        "groups", Prefetch("groups__permissions", rights), Prefetch("user_permissions", rights)
    )
    locked = _locked_out()
    return [
        Person(
            user,
            sorted(group.name for group in user.groups.all()),
            [_may(user, wanted) for _label, wanted in ABILITIES],
            locked.get(user.get_username()),
            None if second_factors is None else user.pk in second_factors,
        )
        for user in users[:MOST]
    ]


def _may(user: User, wanted: tuple[str, ...]) -> bool:
    if not (user.is_active and user.is_staff):
        return False  # the admin does not let them in
    return user.is_superuser or set(wanted) <= _rights(user)


def _rights(user: User) -> set[str]:
    """What `get_all_permissions` returns, but from what was prefetched for all users."""
    lists = [user.user_permissions.all(), *(group.permissions.all() for group in user.groups.all())]
    return {f"{one.content_type.app_label}.{one.codename}" for some in lists for one in some}


def _locked_out() -> dict[str, datetime]:
    """Name of a locked-out user -> until when, at one address at least."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    attempts = AccessAttempt.objects.filter(
        attempt_time__gt=since, failures_since_start__gte=settings.AXES_FAILURE_LIMIT
    )
    last = attempts.order_by("attempt_time").values_list("username", "attempt_time")
    return {name: at + settings.AXES_COOLOFF_TIME for name, at in last}
