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
    """The user who sent the request."""
    return cast(User, request.user)  # the admin lets nobody else in


class NumberedAdmin(admin.ModelAdmin):
    """For models whose keys are numbers: any other key is treated as that of a missing row."""

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Model | None:
        """The row, or None where the key is not a number."""
        return super().get_object(request, object_id, from_field) if is_key(object_id) else None

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """A filter by a number too large for SQLite is dropped, as Django drops invalid ones."""
        try:
            return super().get_changelist_instance(request)
        except OverflowError as error:
            raise IncorrectLookupParameters from error

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        """Without selected keys that are not numbers, at which Django would fail."""
        form = request.POST.copy()
        selected = form.getlist(ACTION_CHECKBOX_NAME)
        form.setlist(ACTION_CHECKBOX_NAME, [key for key in selected if is_key(key)])
        request.POST = form  # type: ignore[assignment]
        return super().response_action(request, queryset, *args, **kwargs)


def is_key(text: str) -> bool:
    """Whether this can be the key of a row."""
    return text.isascii() and text.isdigit() and int(text[:20]) <= LARGEST


class UncountedChangeList(ChangeList):
    """Django's list without a count of its rows: there are pages as long as there are rows."""

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
    """For rows that the admin only shows: the job or `app/curation/services.py` writes them."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
