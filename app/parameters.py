"""The parameters of the lists: one meaning on the JSON addresses and on the pages."""

import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict

from app import queries
from app.models import Run
from app.problems import bad_parameters, nothing_published

LARGEST_OFFSET = 1_000_000
LARGEST_COUNT = 2**31 - 1


class WholeNumber(forms.Field):
    """Decimal digits within bounds; Django's own IntegerField takes `１０` and `5.0` too."""

    def __init__(self, least: int, most: int) -> None:
        super().__init__(required=False)
        self.least, self.most = least, most

    def clean(self, value: str | None) -> int | None:
        if not value:
            return None
        if re.fullmatch("[0-9]{1,10}", value) and self.least <= int(value) <= self.most:
            return int(value)
        raise ValidationError(f"must be a whole number from {self.least} to {self.most}")


class ListForm(forms.Form):
    limit = WholeNumber(1, 100)
    offset = WholeNumber(0, LARGEST_OFFSET)
    genre = forms.CharField(required=False, strip=False)
    year_from = WholeNumber(1800, 2100)
    year_to = WholeNumber(1800, 2100)
    min_ratings = WholeNumber(0, LARGEST_COUNT)
    run = WholeNumber(1, LARGEST_COUNT)

    def clean_genre(self) -> str | None:
        genre, known = self.cleaned_data["genre"], queries.genres()
        if genre and genre not in known:
            raise ValidationError(f"must be one of {', '.join(known)}")
        return genre or None

    def clean_run(self) -> Run:
        run_id = self.cleaned_data["run"]
        run = queries.kept_run(run_id) if run_id else queries.current_run()
        if run is None and run_id is None:
            raise nothing_published()
        if run is None:
            kept = ", ".join(map(str, queries.kept_run_ids()))
            raise ValidationError(f"must be a run whose rows are kept: {kept or 'there is none'}")
        return run

    def clean(self) -> dict[str, Any]:
        first, last = (self.cleaned_data.get(name) for name in ("year_from", "year_to"))
        if first and last and first > last:
            self.add_error("year_from", "must not be later than year_to")
        return self.cleaned_data


@dataclass(frozen=True)
class ListParameters:
    run: Run
    filters: queries.Filters
    limit: int
    offset: int

    def next_offset(self, count: int) -> int | None:
        """Where the next stretch of a list of `count` entries begins."""
        following = self.offset + self.limit
        return following if following < count else None

    def previous_offset(self) -> int | None:
        return max(self.offset - self.limit, 0) if self.offset else None

    def link(self, request: HttpRequest, offset: int | None) -> str | None:
        """The same list of the same run from `offset` on, or None where there is no offset."""
        if offset is None:
            return None
        query = request.GET.copy()
        query["run"], query["offset"] = str(self.run.pk), str(offset)
        return f"{request.path}?{query.urlencode()}"


def read_list_parameters(data: QueryDict, *, limit: int = 20) -> ListParameters:
    """`limit` is the default. Raises Problem (400) naming each field that makes no sense."""
    form = ListForm(data)
    errors = [*_misnamed(data, form), *_misvalued(data, form)]
    if errors:
        raise bad_parameters(errors)
    value = form.cleaned_data
    return ListParameters(
        run=value["run"],
        filters=queries.Filters(
            genre=value["genre"],
            year_from=value["year_from"],
            year_to=value["year_to"],
            min_ratings=value["min_ratings"],
        ),
        limit=value["limit"] or limit,
        offset=value["offset"] or 0,
    )


def read_no_parameters(data: QueryDict) -> None:
    """Raises Problem (400) for an address that takes none."""
    if errors := _misnamed(data, forms.Form()):
        raise bad_parameters(errors)


def _misnamed(data: QueryDict, form: forms.Form) -> list[dict[str, Any]]:
    known = ", ".join(form.fields) or "none"
    unknown = [name for name in data if name not in form.fields]
    repeated = [name for name in data if name in form.fields and len(data.getlist(name)) > 1]
    return [_error(data, name, f"unknown; known are: {known}") for name in unknown] + [
        _error(data, name, "must be given once") for name in repeated
    ]


def _misvalued(data: QueryDict, form: forms.Form) -> list[dict[str, Any]]:
    return [
        _error(data, name, " ".join(str(message) for message in messages))
        for name, messages in sorted(form.errors.items())
    ]


def _error(data: QueryDict, name: str, detail: str) -> dict[str, Any]:
    return {"field": name, "value": data.get(name), "detail": detail}
