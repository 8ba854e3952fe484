"""The language of a page: from its address, the cookie or the browser, otherwise English.

JSON has none: it is always in English, and its addresses refuse the parameter.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast
from urllib.parse import parse_qs

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.middleware.locale import LocaleMiddleware
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, get_language_from_request, override

from app.pages.addresses import without
from app.web.field_errors import field_error
from app.web.problems import bad_parameters

PARAMETER = "language"
CODES = tuple(code for code, _ in settings.LANGUAGES)
ADMIN = "/admin/"  # not reversed by name, which other URL configurations need not have
TAGS = {"en": "en", "zh-hans": "zh-Hans"}
"""Language code -> its tag in HTML and HTTP (RFC 5646)."""
Respond = Callable[[HttpRequest], HttpResponse]


@dataclass(frozen=True, slots=True)
class Translation:
    """The current page in one of the languages."""

    tag: str
    name: str
    """In the language itself."""
    address: str
    is_shown: bool


@contextmanager
def language_of(request: HttpRequest) -> Iterator[str]:
    """Render in the reader's language within this context."""
    code = _named(request) or get_language_from_request(request)
    with override(code):
        yield code


def finish(request: HttpRequest, response: HttpResponse, code: str) -> HttpResponse:
    """Declare the language of the page, and remember the choice if the address names it."""
    response["Content-Language"] = TAGS[code]
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    if _named(request):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            path=settings.LANGUAGE_COOKIE_PATH,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
    return response


def without_language(typed: QueryDict) -> QueryDict:
    """The parameters of the page itself. Raises Problem (400) for an unknown language."""
    given = typed.getlist(PARAMETER)
    if not given:
        return typed
    if len(given) > 1:
        raise bad_parameters(field_error(PARAMETER, given[0], "must be given once", "twice"))
    if given[0] not in CODES:
        allowed = f"must be one of {', '.join(CODES)}"
        raise bad_parameters(field_error(PARAMETER, given[0], allowed, "language"))
    rest = typed.copy()
    del rest[PARAMETER]
    return rest


def translations(request: HttpRequest) -> list[Translation]:
    """The page in each of the languages."""
    shown = get_language()
    return [
        Translation(TAGS[code], name, address_in(request, code), code == shown)
        for code, name in settings.LANGUAGES
    ]


def address_in(request: HttpRequest, code: str) -> str:
    """The address of the page in a language, with its other parameters."""
    address = without(request, {PARAMETER})
    return f"{address}{'&' if '?' in address else '?'}{PARAMETER}={code}"


def localize_admin(get_response: Respond) -> Respond:
    """The middleware: Django's, for the admin only; pages handle their language themselves."""
    localize = cast(Respond, LocaleMiddleware(get_response))

    def respond(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(ADMIN):
            return get_response(request)
        with override(get_language()):  # Django's leaves the thread in the reader's language
            return localize(request)

    return respond


def _named(request: HttpRequest) -> str | None:
    """The language that the address names, if it exists."""
    query = request.META.get("QUERY_STRING", "")
    if PARAMETER not in query:
        return None
    try:
        given = parse_qs(query, max_num_fields=settings.DATA_UPLOAD_MAX_NUMBER_FIELDS)
    except ValueError:  # too many parameters: the page says so, in whatever language
        return None
    codes = given.get(PARAMETER, [])
    return codes[0] if len(codes) == 1 and codes[0] in CODES else None
