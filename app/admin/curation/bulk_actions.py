"""The bulk actions on movies: the form of each, the rights that it takes and what it plans."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from app.admin.curation.forms import UntilField
from app.admin.rights import DECIDE, WITHDRAW
from app.curation import services
from app.curation.services import MOST_AT_ONCE, Plan
from app.models import Curation
from app.models.fields import LARGEST


class PinForm(forms.Form):
    """The position of the first of the movies."""

    position = forms.IntegerField(
        min_value=1,
        max_value=LARGEST - MOST_AT_ONCE,
        label=_("Position"),
        help_text=_(
            "1 is the first. Several movies get this position and those that follow it, in the "
            "order of the ranking."
        ),
    )


class NoteForm(forms.Form):
    """A note for other curators."""

    note = forms.CharField(
        required=False,
        label=_("Note"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The reason, for curators only. Leave it empty to remove existing notes."),
    )


class PublicNoteForm(forms.Form):
    """A note for everybody."""

    public_note = forms.CharField(
        required=False,
        label=_("Public note"),
        max_length=Curation._meta.get_field("public_note").max_length,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Everybody can read it on the movies' pages. Leave it empty to remove existing notes."
        ),
    )


class UntilForm(forms.Form):
    """The end of decisions."""

    until = UntilField(
        required=False,
        label=capfirst(Curation._meta.get_field("until").verbose_name),
        help_text=Curation._meta.get_field("until").help_text,
    )

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until and until <= timezone.now():
            raise forms.ValidationError(
                gettext("This is in the past: enter a later date, or none.")
            )
        return until


@dataclass(frozen=True)
class BulkAction:
    """An action on movies, and the title, button and form of its confirmation page.

    `plan` takes the movie ids in the ranking's order, then the values of the form.
    """

    name: str
    title: str | Promise
    button: str | Promise
    plan: Callable[..., Plan]
    form: type[forms.Form] | None = None
    rights: tuple[str, ...] = DECIDE


BULK_ACTIONS = {
    action.name: action
    for action in (
        BulkAction("hide", _("Hide these movies from all lists?"), _("Hide"), services.plan_hide),
        BulkAction(
            "pin",
            _("Pin these movies?"),
            _("Pin"),
            services.plan_pin,
            PinForm,
        ),
        BulkAction("note", _("Add a note for curators?"), _("Note"), services.plan_notes, NoteForm),
        BulkAction(
            "public_note",
            _("Add a public note about these movies?"),
            _("Publish the note"),
            services.plan_notes,
            PublicNoteForm,
        ),
        BulkAction(
            "until",
            _("Until when should these decisions be in force?"),
            _("Set the end"),
            services.plan_until,
            UntilForm,
        ),
        BulkAction(
            "withdraw",
            _("Withdraw these decisions?"),
            _("Withdraw"),
            services.plan_withdrawal,
            rights=WITHDRAW,
        ),
    )
}
