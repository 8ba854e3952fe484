"""A WSGI application that does nothing, to show what the site's own gunicorn costs."""

from collections.abc import Callable, Iterable

# gunicorn's configuration loads the catalogue, which needs Django.
from recsys.wsgi import application as site

assert site
BODY = b"{}"
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]


def application(_environ: dict[str, object], start: Callable[..., object]) -> Iterable[bytes]:
    start("200 OK", HEADERS)
    return [BODY]
