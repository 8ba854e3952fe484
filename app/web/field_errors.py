"""What is wrong with a parameter, in the API's words and in a sentence for a page."""

import dataclasses
from typing import Annotated

from django.utils.translation import gettext_lazy
from pydantic import Field

from app.models.fields import LARGEST

LABELS = {
    "q": gettext_lazy("Title"),
    "genre": gettext_lazy("Genre"),
    "year_from": gettext_lazy("From year"),
    "year_to": gettext_lazy("To year"),
    "min_ratings": gettext_lazy("Minimum number of ratings"),
    "order": gettext_lazy("Order"),
    "limit": gettext_lazy("Movies per page"),
    "offset": gettext_lazy("Movies to skip"),
    "run": gettext_lazy("Run"),
    "version": gettext_lazy("Version of the catalogue"),
    "language": gettext_lazy("Language"),
    "like": gettext_lazy("Movies you like"),
    "rated": gettext_lazy("Rated movies"),
    "user": gettext_lazy("User"),
    "novelty": gettext_lazy("Safe or surprising"),
    "movie_id": gettext_lazy("Movie"),
    "run_id": gettext_lazy("Run"),
    "before": gettext_lazy("Run before"),
    "after": gettext_lazy("Run after"),
}
UNCLEAR = "unclear"
SENTENCES = {
    UNCLEAR: gettext_lazy("%(label)s: this is not valid here."),
    "unknown": gettext_lazy("This page does not know “%(name)s”: take it out of the address."),
    "twice": gettext_lazy("%(label)s: this is in the address twice, and only one can be used."),
    "whole_number": gettext_lazy(
        "%(label)s: “%(value)s” is not a whole number from %(least)d to %(most)d."
    ),
    "count": gettext_lazy("%(label)s: “%(value)s” is not a whole number of %(least)d or more."),
    "language": gettext_lazy(
        "This page is not available in “%(value)s”: choose English or Chinese."
    ),
    "one_of": gettext_lazy("%(label)s: there is no “%(value)s”; choose one from the list."),
    "too_long": gettext_lazy("%(label)s: at most %(most)d characters, please."),
    "too_many": gettext_lazy("%(label)s: at most %(most)d, please."),
    "not_utf8": gettext_lazy("%(label)s: “%(value)s” is not readable as text (UTF-8)."),
    "not_kept": gettext_lazy(
        "%(label)s: run “%(value)s” has no rows to show; these have: %(kept)s."
    ),
    "too_many_parameters": gettext_lazy("There is too much in the address."),
    "missing": gettext_lazy("%(label)s: this is required."),
    "empty": gettext_lazy("%(label)s: this must not be empty."),
    "no_version": gettext_lazy(
        "%(label)s: “%(value)s” is not a version. Begin again at the first page of the list."
    ),
    "share": gettext_lazy("%(label)s: “%(value)s” is not a number from 0 to 1."),
    "movie_id": gettext_lazy("%(label)s: “%(text)s” is not a movie number."),
    "stars": gettext_lazy(
        "%(label)s: “%(text)s” is not a rating; ratings go from 0.5 to 5 in steps of 0.5."
    ),
    "ratings": gettext_lazy("%(label)s: these have to be movies with stars, such as 1:4.5."),
    "movie_ids": gettext_lazy("%(label)s: these have to be movie numbers."),
    "number_of_movies": gettext_lazy("%(label)s: name from 1 to %(most)d movies."),
    "movie_twice": gettext_lazy("%(label)s: movie %(movie)d is named twice."),
    "no_movie": gettext_lazy("%(label)s: there is no movie %(value)s, or not any more."),
    "conflict": gettext_lazy("%(label)s: this cannot be used together with “%(other_label)s”."),
    "own_order": gettext_lazy("%(label)s: a list for one person has its own order."),
    "for_nobody": gettext_lazy("%(label)s: this needs movies that somebody likes."),
    "either": gettext_lazy("Name movies that you like, or rate some."),
    "no_json": gettext_lazy("This cannot be read: it is not a JSON object in UTF-8."),
    "no_list": gettext_lazy("%(label)s: there is no list for user %(value)s in this run."),
    "host": gettext_lazy("This site is not called “%(value)s”."),
}


LONGEST_SHOWN = 200
"""Characters of an invalid name or value that are repeated."""


@dataclasses.dataclass(frozen=True, slots=True)
class FieldError:
    """An invalid parameter."""

    field: str
    value: str | None
    """What was given; null if nothing was."""
    detail: str
    """What is allowed."""
    code: Annotated[str, Field(exclude=True)] = UNCLEAR
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
        other = str(self.bounds.get("other"))
        words = {"label": label, "name": self.field, "value": self.value, **self.bounds}
        return str(SENTENCES[code]) % (words | {"other_label": LABELS.get(other, other)})


def field_error(
    name: str, value: object, detail: str, code: str = UNCLEAR, **bounds: object
) -> FieldError:
    """A FieldError with name and value cut to a length that can be repeated."""
    shown = None if value is None else str(value)[:LONGEST_SHOWN]
    return FieldError(name[:LONGEST_SHOWN], shown, detail, code, bounds)
