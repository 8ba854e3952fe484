"""What a page says about a problem, by code: the API's own words are for programs, in English."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from app.web.problems import NO_RUN, Problem

TITLES = {
    HTTPStatus.BAD_REQUEST: _("This is not valid here"),
    HTTPStatus.FORBIDDEN: _("Not allowed"),
    HTTPStatus.NOT_FOUND: _("Nothing is here"),
    HTTPStatus.METHOD_NOT_ALLOWED: _("This page is only for reading"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _("This is too much"),
    HTTPStatus.REQUEST_URI_TOO_LONG: _("The address is too long"),
    HTTPStatus.TOO_MANY_REQUESTS: _("Too many requests"),
    HTTPStatus.INTERNAL_SERVER_ERROR: _("Something went wrong"),
    HTTPStatus.SERVICE_UNAVAILABLE: _("Back in a moment"),
}
TITLES_OF_CODES = {
    NO_RUN: _("Nothing is published yet"),
    "no_movie": _("There is no such movie"),
    "forged": _("Nothing was saved"),
    "locked_out": _("Too many failed logins"),
}
SENTENCES = {
    NO_RUN: _("There is no run to show: run the batch job, or bin/demo, and reload this page."),
    "loading": _("What you asked for is being loaded: try again in a moment."),
    "database_unreachable": _("The database does not answer. Try again in a moment."),
    "not_migrated": _("The tables do not match this version: run manage.py migrate."),
    "run_without_rows": _(
        "The rows of run %(run)d are gone: run the batch job again, or go back to a kept run "
        "(manage.py runs)."
    ),
    "no_movie": _("There is no movie %(movie)d here, or not any more."),
    "no_published_run": _("There is no published run %(run)d."),
    "no_page": _("There is nothing at %(path)s."),
    "methods": _("This address only takes %(methods)s."),
    "forged": _(
        "The form is too old, or it is not from this site, so nothing was saved. This happens if "
        "the page was open while you logged in again, or if your browser blocks cookies."
    ),
    "locked_out": _("Too many failed logins under this name. Try again in %(minutes)d min."),
    "rights": _(
        "Your account may not do this. It must be in the group “curator” to make decisions about "
        "movies, or in “operator” to manage runs: ask whoever runs this site."
    ),
    "fault": _("Something went wrong on the server."),
}
OF_STATUS = {
    HTTPStatus.BAD_REQUEST: _("The request is not valid for this site."),
    HTTPStatus.NOT_FOUND: _("There is no such movie, run or page, or not any more."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _("What was sent is larger than this site takes."),
    HTTPStatus.REQUEST_URI_TOO_LONG: _("The address, or the one it leads to, is too long."),
    HTTPStatus.SERVICE_UNAVAILABLE: _("This cannot be shown now. Try again in a moment."),
}
"""For problems without a code."""


def title(problem: Problem) -> str:
    """A heading."""
    if problem.code in TITLES_OF_CODES:
        return str(TITLES_OF_CODES[problem.code])
    return str(TITLES.get(problem.status, problem.status.phrase))


def sentence(problem: Problem) -> str:
    """What happened, and what to do."""
    if problem.code in SENTENCES:
        return str(SENTENCES[problem.code]) % problem.words
    return str(OF_STATUS.get(problem.status, problem.detail))
