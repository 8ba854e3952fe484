"""The sample of rejected rows that a run keeps: by reason, a page at a time, or all as CSV.

The run itself holds the number of rejected rows for each reason, so nothing is counted here. A page
begins after the last row of the one before, which the index on the run finds.
"""

import csv
from collections.abc import Iterator

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from app.admin.base import is_key
from app.admin.runs.figures import rejected
from app.curation.spreadsheet import defuse
from app.models import RejectedRow, Run
from app.runs.texts import KINDS, REASONS

PAGE = 100


def by_reason(run: Run) -> list[dict[str, object]]:
    """The reasons for which the run rejected rows, each with its number of rows."""
    return [
        {
            "kind": KINDS.get(kind, kind),
            "code": code,
            "means": REASONS.get(code, ""),
            "count": count,
        }
        for kind, code, count in rejected(run)
    ]


def page(request: HttpRequest, run: Run) -> dict[str, object]:
    """The rows of a page, and after which row the next one begins."""
    given = request.GET.get("after", "")
    rows = _rows(request, run).filter(pk__gt=int(given) if is_key(given) else 0)
    found = list(rows[: PAGE + 1])
    last = found[PAGE - 1].pk if len(found) > PAGE else None
    return {"rows": found[:PAGE], "next": last, "reason": request.GET.get("reason", "")}


def download(request: HttpRequest, run: Run) -> HttpResponse | StreamingHttpResponse:
    """All of them as CSV, with formulas defused: the rows come from anybody's file."""
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
    """A file for `csv` that returns each line."""

    def write(self, line: str) -> str:
        return line


def _lines(rows: QuerySet[RejectedRow]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(["file", "reason", "row"])
    for row in rows.values_list("file", "reason", "raw").iterator():
        yield writer.writerow([defuse(cell) for cell in row])
