"""The sample of rejected rows that a run keeps: by reason, a page at a time, or whole as CSV.

The run itself says how many rows were rejected for which reason, so nothing is counted here, and
a page begins behind the last row of the one before: the index of the run finds it.
"""

import csv
from collections.abc import Iterator

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext_lazy as _

from app.admin.base import is_key
from app.admin.runs.figures import rejected
from app.curation.spreadsheet import defuse
from app.models import RejectedRow, Run

PAGE = 100
REASONS = {
    "bad_text": _("holds bytes that are no text, or control characters"),
    "malformed": _("lacks columns of its header, or the rating is no number"),
    "bad_id": _("the id of a user or movie is no whole number, or missing"),
    "bad_timestamp": _(
        "the time is not between 1970 and 2100, or written otherwise than the others"
    ),
    "rating_out_of_range": _("the rating lies outside the scale"),
    "not_half_star": _("the rating is no multiple of half a star"),
    "unknown_movie": _("the movie is not among the accepted ones"),
    "missing_title": _("the movie has no title"),
    "title_too_long": _("the title is too long"),
    "genre_too_long": _("a genre is too long"),
    "duplicate_movie": _("another row has the same movie"),
    "id_collision": _("another id made of text has the same number"),
    "missing_tag": _("the tag is empty"),
    "tag_too_long": _("the tag is too long"),
    "bad_link": _("an id at IMDb or TMDB is no number"),
    "duplicate_link": _("the movie has another row of links"),
}
"""Codes of the job -> what they mean; a contract test compares the codes."""


def by_reason(run: Run) -> list[dict[str, object]]:
    """Which reasons the run had, with all that each rejected."""
    return [
        {"kind": kind, "code": code, "means": REASONS.get(code, code), "count": count}
        for kind, code, count in rejected(run)
    ]


def page(request: HttpRequest, run: Run) -> dict[str, object]:
    """The rows of a page, and where the next one begins."""
    given = request.GET.get("after", "")
    rows = _rows(request, run).filter(pk__gt=int(given) if is_key(given) else 0)
    found = list(rows[: PAGE + 1])
    last = found[PAGE - 1].pk if len(found) > PAGE else None
    return {"rows": found[:PAGE], "next": last, "reason": request.GET.get("reason", "")}


def download(request: HttpRequest, run: Run) -> HttpResponse | StreamingHttpResponse:
    """All of them as CSV, defused: they are whatever somebody's file held."""
    answer = StreamingHttpResponse(
        _lines(_rows(request, run)), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="run-{run.pk}-rejected.csv"'
    return answer


def _rows(request: HttpRequest, run: Run) -> QuerySet[RejectedRow]:
    rows = RejectedRow.objects.filter(run=run).order_by("pk")
    reason = request.GET.get("reason")
    return rows.filter(reason=reason) if reason else rows


class _Line:
    """What `csv` writes to: it hands each line back."""

    def write(self, line: str) -> str:
        return line


def _lines(rows: QuerySet[RejectedRow]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(["file", "reason", "row"])
    for row in rows.values_list("file", "reason", "raw").iterator():
        yield writer.writerow([defuse(cell) for cell in row])
