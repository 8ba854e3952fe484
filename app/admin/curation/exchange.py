"""Export of decisions from the admin as a file, and import of one: all of it or nothing.

`app/curation/backup.py` does the work, as for `manage.py curation`. The confirmation page carries
what it shows, signed, so that users confirm exactly what they saw.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from app.admin.base import signed_in
from app.admin.rights import DECIDE, EXPORT, WITHDRAW
from app.admin.words import in_words
from app.curation import backup, backup_format, csv_format
from app.curation.backup import ChangedMeanwhile, Outcome
from app.curation.backup_format import CurationError, Decision, Document
from app.curation.services import RuleBroken
from app.models import Movie
from app.runs.errors import RunError

MOST_BYTES = 1_000_000
SHOWN = 200
"""Changes, or problems, shown on a page."""
SALT, SECONDS_TO_AGREE = "import of curation", 3600


class FileForm(forms.Form):
    """A file, and what to do about decisions and titles that differ."""

    file = forms.FileField(label=_("CSV or JSON file"))
    replace = forms.BooleanField(
        label=_("Withdraw all decisions that the file does not hold"), required=False
    )
    other_titles = forms.BooleanField(
        label=_("Import even if movies have other titles here"), required=False
    )

    def clean_file(self) -> bytes:
        """The content of the file."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(
                _("The file is larger than 1 MB. Import it with manage.py curation import.")
            )
        content: bytes = file.read()
        return content


@dataclass(frozen=True)
class Import:
    """What to import, and how."""

    document: Document
    replace: bool
    other_titles: bool

    def restore(self, **how: Any) -> Outcome:
        """Raises CurationError, RuleBroken, or RunError."""
        return backup.restore(
            self.document,
            remove_others=self.replace,
            accept_other_titles=self.other_titles,
            **how,
        )


def export_csv(request: HttpRequest) -> HttpResponse:
    """All decisions, for a spreadsheet."""
    return _export(request, csv_format.dump, "text/csv; charset=utf-8", "curation.csv")


def export_json(request: HttpRequest) -> HttpResponse:
    """The same document that `manage.py curation export` writes."""
    return _export(request, backup_format.dump, "application/json", "curation.json")


def _export(
    request: HttpRequest, dump: Callable[[list[Decision]], str], kind: str, name: str
) -> HttpResponse:
    if not signed_in(request).has_perm(EXPORT):
        raise PermissionDenied
    answer = HttpResponse(dump(backup.decisions()), content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def import_(request: HttpRequest) -> HttpResponse:
    """Take a file, show what it would change, and import it once the user has confirmed."""
    if not signed_in(request).has_perms((*DECIDE, *WITHDRAW)):
        raise PermissionDenied
    if "agreed" in request.POST:
        return _import_agreed(request)
    if request.method != "POST":
        return _page(request, form=FileForm())
    form = FileForm(request.POST, request.FILES)
    return _show(request, form) if form.is_valid() else _page(request, form=form)


def _show(request: HttpRequest, form: FileForm) -> HttpResponse:
    given = form.cleaned_data
    try:
        document = _load(request, given["file"])
    except CurationError as error:
        return _page(request, form=form, problems=error.problems)
    return _confirm(request, Import(document, given["replace"], given["other_titles"]))


def _load(request: HttpRequest, content: bytes) -> Document:
    """Raises CurationError."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return backup_format.load(content)
    name = signed_in(request).get_username()
    return csv_format.load(content, user=name, now=timezone.now())


def _confirm(request: HttpRequest, wanted: Import) -> HttpResponse:
    """What the import would change, or all that is wrong with it."""
    try:
        outcome = wanted.restore(dry_run=True)
    except (CurationError, RuleBroken, RunError) as error:
        return _page(request, form=FileForm(), problems=str(error).splitlines())
    changes = outcome.plan.changes
    movies = Movie.objects.in_bulk([one.movie_id for one in changes[:SHOWN]])
    shown = [
        (movies[one.movie_id], in_words(one.before), in_words(one.after)) for one in changes[:SHOWN]
    ]
    agreed = {
        "document": backup_format.dump(wanted.document.decisions),
        "replace": wanted.replace,
        "other_titles": wanted.other_titles,
        "version": outcome.plan.version,
        "user": signed_in(request).pk,
    }
    return _page(
        request,
        outcome=outcome,
        unknown_users=sorted(outcome.unknown_users.items()),
        changes=shown,
        count=len(changes),
        agreed=signing.dumps(agreed, salt=SALT, compress=True),
    )


def _import_agreed(request: HttpRequest) -> HttpResponse:
    try:
        agreed = signing.loads(request.POST["agreed"], salt=SALT, max_age=SECONDS_TO_AGREE)
        if agreed["user"] != signed_in(request).pk:
            raise signing.BadSignature
    except signing.BadSignature:
        messages.error(request, gettext("This page has expired: choose the file again."))
        return HttpResponseRedirect(reverse("admin:curation_import"))
    document = backup_format.load(agreed["document"].encode())
    wanted = Import(document, agreed["replace"], agreed["other_titles"])
    try:
        outcome = wanted.restore(user=signed_in(request), agreed=agreed["version"])
    except ChangedMeanwhile:
        notice = _("One of these decisions was changed in the meantime: check them again.")
        messages.warning(request, notice)
        return _confirm(request, wanted)
    except (CurationError, RuleBroken, RunError) as error:
        return _page(request, form=FileForm(), problems=str(error).splitlines())
    messages.success(request, _done(outcome))
    return HttpResponseRedirect(reverse("admin:app_curationchange_changelist"))


def _done(outcome: Outcome) -> str:
    """The message after an import, with a link to undo it."""
    count = len(outcome.plan.changes)
    words = ngettext("%(count)d decision was changed.", "%(count)d decisions were changed.", count)
    return format_html(
        '{} <a href="{}">{}</a>',
        words % {"count": count},
        reverse("admin:app_curationchange_undo", args=[outcome.batch]),
        gettext("Undo"),
    )


def _page(request: HttpRequest, **context: Any) -> HttpResponse:
    problems = context.pop("problems", [])
    shared = {
        **admin.site.each_context(request),
        "title": gettext("Import curation"),
        "problems": problems[:SHOWN],
        "more_problems": max(0, len(problems) - SHOWN),
        "may_export": signed_in(request).has_perm(EXPORT),
    }
    return TemplateResponse(request, "admin/import.html", shared | context)
