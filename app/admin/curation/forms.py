"""The form of a decision: it takes an end date without a time, and notices other curators' changes.

It carries the version of the decision that it was made from. If somebody has changed the decision
since, it says who and what, keeps what was typed, and accepts it the next time.
"""

from datetime import datetime, time
from typing import Any, cast

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import ValidationError
from django.forms.formsets import INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from app.admin.base import is_key
from app.admin.words import in_words
from app.curation import history, rules, services
from app.models import Curation, CurationChange, Movie

END_OF_DAY = time(23, 59, 59)
NO_VERSION = "?"
"""Of a form that was made before the decision was first made, or before it was withdrawn."""


class SplitUntil(AdminSplitDateTime):
    """The browser's own inputs, which need no script and suit touch screens.

    Each has a label of its own for screen readers.
    """

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        # Browsers take only these formats, whatever the language.
        day = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        at = forms.TimeInput(attrs={"type": "time"}, format="%H:%M:%S")
        forms.MultiWidget.__init__(self, [day, at], attrs)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for part, label in zip(
            context["widget"]["subwidgets"], (_("Date"), _("Time")), strict=True
        ):
            part["attrs"]["aria-label"] = label
        return context


class UntilField(forms.SplitDateTimeField):
    """A date and an optional time; a date alone means the end of that day."""

    widget = SplitUntil

    def __init__(self, **options: Any) -> None:
        super().__init__(require_all_fields=False, **options)
        for part in self.fields:
            part.required = False

    def compress(self, data_list: Any) -> datetime | None:
        day, at = data_list or (None, None)
        if day is None and at is None:
            return None
        if day is None:
            raise ValidationError(_("Enter a date as well."))
        return from_current_timezone(datetime.combine(day, at or END_OF_DAY))


class VersionField(forms.CharField):
    """The version of the decision that the form was made from; it never counts as changed."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class MovieField(forms.ModelChoiceField):
    """The movie of a decision. Django's widget would query for values that are not keys."""

    def prepare_value(self, value: Any) -> Any:
        """The value that the widget shows as selected."""
        prepared = super().prepare_value(value)
        return prepared if is_key(str(prepared)) else None

    def to_python(self, value: Any) -> Movie | None:
        """The movie, or None where the field was left empty."""
        if value in self.empty_values or is_key(str(value)):
            return cast("Movie | None", super().to_python(value))
        raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")


class CurationForm(forms.ModelForm):
    """A decision, and the version of it that the form was made from."""

    until = UntilField(
        required=False,
        label=capfirst(Curation._meta.get_field("until").verbose_name),
        help_text=Curation._meta.get_field("until").help_text,
    )
    version = VersionField(required=False)
    _is_stale = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = None if self.instance._state.adding else self.instance
        self.initial["version"] = history.version(row)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.has_changed():
            self.refuse_if_stale()
        return cleaned

    def validate_unique(self) -> None:
        """Check the rules of `services` instead: they say more than the table's constraints."""
        super().validate_unique()
        if self.has_changed() and self._movie_id:
            for refusal in rules.refusals(self.instance):
                self.add_error(refusal.field, refusal.message)

    def refuse_if_stale(self) -> None:
        """Raises ValidationError where somebody else changed the decision meanwhile."""
        services.lock()  # nobody changes it from here to the end of the transaction
        movie_id = self._movie_id
        row = services.current([movie_id]).get(movie_id) if movie_id else None
        given, now = self.data.get(self.add_prefix("version")), history.version(row)
        if given and given != now:
            # The form that is shown again has the new version.
            self.data = {**dict(self.data.items()), self.add_prefix("version"): now}
            self._is_stale = True
        if self._is_stale:
            raise ValidationError(_changed_meanwhile(movie_id, row), code="stale")

    @property
    def _movie_id(self) -> int | None:
        chosen = self.cleaned_data.get("movie") if hasattr(self, "cleaned_data") else None
        movie_id: int | None = chosen.pk if chosen else self.instance.movie_id
        return movie_id

    def full_clean(self) -> None:
        """Move errors of hidden fields above the form, where users see them."""
        super().full_clean()
        hidden = [field.name for field in self.hidden_fields() if field.name in self.errors]
        for name in hidden:
            for message in self.errors.pop(name):
                self.add_error(None, message)


class CurationFormSet(forms.BaseInlineFormSet):
    """The decision on a movie's page: as it is now, not as it was when the page was made."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and self.instance.pk:
            self.data = self._fitted(dict(self.data.items()))

    def _fitted(self, data: dict[str, Any]) -> dict[str, Any]:
        """Django takes the number of rows from the form, and would look for one that is gone."""
        initial, total = (
            f"{self.prefix}-{name}" for name in (INITIAL_FORM_COUNT, TOTAL_FORM_COUNT)
        )
        if data.get(total) != "1" or data.get(initial) not in ("0", "1"):
            return data  # not a form that this site made: Django says what is wrong with it
        count = "1" if Curation.objects.filter(pk=self.instance.pk).exists() else "0"
        if data[initial] != count:
            data.setdefault(f"{self.prefix}-0-version", NO_VERSION)
        data[initial], data[f"{self.prefix}-0-movie"] = count, str(self.instance.pk)
        return data

    def clean(self) -> None:
        super().clean()
        for form in self.initial_forms:
            # Django does not validate forms that are to be deleted.
            if self.can_delete and self._should_delete_form(form):  # type: ignore[attr-defined]
                form.refuse_if_stale()  # type: ignore[attr-defined]


def _changed_meanwhile(movie_id: int | None, row: Curation | None) -> str:
    """Who changed what and when, and what to do about it."""
    last = history.last_change(movie_id) if movie_id else None
    if last and last.way == services.Way.EXPIRY and row is None:
        return _expired_meanwhile(last)
    words = _(
        "%(who)s changed this decision on %(when)s, after you opened this page: it was “%(before)s”"
        " and is now “%(now)s”. Your changes were not saved, and what you typed is still below: "
        "save again to replace their decision, or reload the page to keep it."
    )
    return words % _who_and_what(last, row)


def _expired_meanwhile(last: CurationChange) -> str:
    words = _(
        "This decision expired on %(when)s, after you opened this page: it was “%(before)s”. Your "
        "changes were not saved, and what you typed is still below: save again to make a new "
        "decision."
    )
    return words % _who_and_what(last, None)


def _who_and_what(last: CurationChange | None, row: Curation | None) -> dict[str, str]:
    after = history.snapshot(row)
    known = last if last and last.after == after else None
    who = known.changed_by if known else row and row.decided_by
    when = known.changed_at if known else row.decided_at if row else timezone.now()
    before = history.from_snapshot(known.movie_id, known.before) if known else None
    return {
        "who": str(who or _("Somebody")),
        "when": date_format(timezone.localtime(when), "DATETIME_FORMAT") + " UTC",
        "before": in_words(before) if known else "?",
        "now": in_words(row),
    }


def decision_now(row: Curation) -> str:
    """The decision in force; the row of a form that was refused has what was typed."""
    return in_words(services.current([row.movie_id]).get(row.movie_id) if row.movie_id else None)
