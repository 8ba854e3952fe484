"""What a page says of a problem, by its code: the API's own words are for programs, and English."""

from http import HTTPStatus

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from app.web.problems import NO_RUN, Problem

TITLES = {
    HTTPStatus.BAD_REQUEST: _("This makes no sense here"),
    HTTPStatus.FORBIDDEN: _("Not allowed"),
    HTTPStatus.NOT_FOUND: _("Nothing is here"),
    HTTPStatus.METHOD_NOT_ALLOWED: _("This page is only for reading"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _("This is too much"),
    HTTPStatus.REQUEST_URI_TOO_LONG: _("The address is too long"),
    HTTPStatus.TOO_MANY_REQUESTS: _("Too many requests"),
    HTTPStatus.INTERNAL_SERVER_ERROR: _("Something went wrong"),
    HTTPStatus.SERVICE_UNAVAILABLE: _("Back in a moment"),
}
REASONS = {
    NO_RUN: _("No run has been published yet: run the batch job first."),
    "loading": _("What you asked for is being loaded: try again in a moment."),
    "database_unreachable": _("The database does not answer. Try again in a moment."),
    "not_migrated": _("The tables are not this version's: manage.py migrate."),
    "run_without_rows": _("The rows of this run are not there to be shown."),
}
SENTENCES = {
    HTTPStatus.NOT_FOUND: _("There is no such movie, run or page, or not any more."),
    HTTPStatus.REQUEST_URI_TOO_LONG: _("The address, or the one it leads to, is too long."),
}


def title(problem: Problem) -> str:
    """A heading."""
    return str(TITLES.get(problem.status, problem.status.phrase))


def sentence(problem: Problem) -> str:
    """What happened, and what to do; in English as exact as the API has it."""
    if problem.reason in REASONS:
        return str(REASONS[problem.reason])
    if get_language() != "en" and problem.status in SENTENCES:
        return str(SENTENCES[problem.status])
    return problem.detail
