"""What is wrong with a parameter: for programs in the API's words, for people in the form's.

`code` says what is wrong, so that a page can say it in its own words and language.
"""

import dataclasses

from django.utils.translation import gettext, gettext_lazy

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
}
SENTENCES = {
    "unknown": gettext_lazy("This page knows no “%(name)s”: take it out of the address."),
    "twice": gettext_lazy("%(label)s: this is in the address twice, and only one can hold."),
    "whole_number": gettext_lazy(
        "%(label)s: “%(value)s” is no whole number from %(least)d to %(most)d."
    ),
    "count": gettext_lazy("%(label)s: “%(value)s” is no whole number from %(least)d on."),
    "one_of": gettext_lazy("%(label)s: there is no “%(value)s”; choose one from the list."),
    "too_long": gettext_lazy("%(label)s: at most %(most)d characters, please."),
    "too_many": gettext_lazy("%(label)s: at most %(most)d, please."),
    "not_utf8": gettext_lazy("%(label)s: “%(value)s” is not readable as text (UTF-8)."),
    "not_kept": gettext_lazy(
        "%(label)s: there are no rows of run “%(value)s” to show; there are of %(kept)s."
    ),
    "too_many_parameters": gettext_lazy("There is too much in the address."),
}


@dataclasses.dataclass(frozen=True)
class ParameterError:
    """One parameter, the value it had and what is allowed; the sentence names the `bounds`."""

    field: str
    value: str | None
    detail: str
    code: str = ""
    bounds: dict[str, object] = dataclasses.field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """For people."""
        code = self.code
        if code == "whole_number" and self.bounds["most"] == LARGEST:
            code = "count"
        label = str(LABELS.get(self.field, self.field))
        if code not in SENTENCES:
            return gettext("%(label)s: %(detail)s") % {"label": label, "detail": self.detail}
        words = {"label": label, "name": self.field, "value": self.value, **self.bounds}
        return str(SENTENCES[code]) % words


LONGEST_SHOWN = 200
"""Characters of a wrong name or value that are told back."""


def parameter_error(
    name: str, value: object, detail: str, code: str = "", **bounds: object
) -> ParameterError:
    shown = value if value is None else str(value)[:LONGEST_SHOWN]
    return ParameterError(name[:LONGEST_SHOWN], shown, detail, code, bounds)
