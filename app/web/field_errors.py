"""What is wrong with a parameter: in the API's words, and in a sentence that a page shows."""

import dataclasses
from typing import Annotated

from django.utils.translation import gettext, gettext_lazy
from pydantic import Field

from app.models.fields import LARGEST

LABELS = {
    "q": gettext_lazy("Title"),
    "genre": gettext_lazy("Genre"),
    "year_from": gettext_lazy("From year"),
    "year_to": gettext_lazy("To year"),
    "min_ratings": gettext_lazy("At least so many ratings"),
    "order": gettext_lazy("Order"),
    "limit": gettext_lazy("Movies per page"),
    "offset": gettext_lazy("Movies to pass over"),
    "run": gettext_lazy("Run"),
    "version": gettext_lazy("Version of the catalogue"),
    "language": gettext_lazy("Language"),
}
SENTENCES = {
    "unknown": gettext_lazy("This page knows no “%(name)s”: take it out of the address."),
    "twice": gettext_lazy("%(label)s: this is in the address twice, and only one can hold."),
    "whole_number": gettext_lazy(
        "%(label)s: “%(value)s” is no whole number from %(least)d to %(most)d."
    ),
    "count": gettext_lazy("%(label)s: “%(value)s” is no whole number from %(least)d on."),
    "language": gettext_lazy(
        "This page is not to be had in “%(value)s”: choose English or Chinese."
    ),
    "one_of": gettext_lazy("%(label)s: there is no “%(value)s”; choose one from the list."),
    "too_long": gettext_lazy("%(label)s: at most %(most)d characters, please."),
    "too_many": gettext_lazy("%(label)s: at most %(most)d, please."),
    "not_utf8": gettext_lazy("%(label)s: “%(value)s” is not readable as text (UTF-8)."),
    "not_kept": gettext_lazy(
        "%(label)s: there are no rows of run “%(value)s” to show; there are of %(kept)s."
    ),
    "too_many_parameters": gettext_lazy("There is too much in the address."),
}


LONGEST_SHOWN = 200
"""Characters of a wrong name or value that are repeated."""


@dataclasses.dataclass(frozen=True, slots=True)
class FieldError:
    """A parameter that makes no sense."""

    field: str
    value: str | None
    """What was given; null where nothing was."""
    detail: str
    """What is allowed."""
    code: Annotated[str, Field(exclude=True)] = ""
    """Key of SENTENCES."""
    bounds: Annotated[dict[str, object], Field(exclude=True)] = dataclasses.field(
        default_factory=dict
    )
    """What the sentence interpolates."""

    @property
    def sentence(self) -> str:
        """For people, in their language."""
        code = self.code
        if code == "whole_number" and self.bounds["most"] == LARGEST:
            code = "count"
        label = str(LABELS.get(self.field, self.field))
        if code not in SENTENCES:
            return gettext("%(label)s: %(detail)s") % {"label": label, "detail": self.detail}
        words = {"label": label, "name": self.field, "value": self.value, **self.bounds}
        return str(SENTENCES[code]) % words


def field_error(
    name: str, value: object, detail: str, code: str = "", **bounds: object
) -> FieldError:
    """A FieldError whose name and value are not too long to be repeated."""
    shown = None if value is None else str(value)[:LONGEST_SHOWN]
    return FieldError(name[:LONGEST_SHOWN], shown, detail, code, bounds)
