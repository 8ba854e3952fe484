"""What all pages of the admin share."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from app.models.fields import LARGEST


def signed_in(request: HttpRequest) -> User:
    """Who asks."""
    return cast(User, request.user)  # the admin lets nobody else in


class NumberedAdmin(admin.ModelAdmin):
    """Of rows that have numbers for keys. What is no such number is a row that is not there."""

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Model | None:
        """The row, or None for what is no number."""
        return super().get_object(request, object_id, from_field) if is_key(object_id) else None

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """SQLite cannot be asked for a number that no column holds: such an address is mended."""
        try:
            return super().get_changelist_instance(request)
        except OverflowError as error:
            raise IncorrectLookupParameters from error

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        """Django would fail at the first of them."""
        form = request.POST.copy()
        chosen = form.getlist(ACTION_CHECKBOX_NAME)
        form.setlist(ACTION_CHECKBOX_NAME, [one for one in chosen if is_key(one)])
        request.POST = form  # type: ignore[assignment]
        return super().response_action(request, queryset, *args, **kwargs)


def is_key(text: str) -> bool:
    """Whether this can be the number of a row."""
    return text.isascii() and text.isdigit() and int(text[:20]) <= LARGEST


class UncountedChangeList(ChangeList):
    """The stock list, but nobody counts how long it is: it goes on while there is a next page."""

    def get_results(self, request: HttpRequest) -> None:
        start = (max(self.page_num, 1) - 1) * self.list_per_page
        rows = list(self.queryset[start : start + self.list_per_page + 1])
        if not rows and start:
            raise IncorrectLookupParameters
        self.result_list = rows[: self.list_per_page]
        self.result_count, self.full_result_count = start + len(rows), None
        self.show_full_result_count, self.show_admin_actions = False, False
        self.can_show_all, self.multi_page = False, self.result_count > self.list_per_page
        self.paginator = Paginator(range(self.result_count), self.list_per_page)


class ReadOnly:
    """Written elsewhere: by the job, or by the way that decisions take."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
