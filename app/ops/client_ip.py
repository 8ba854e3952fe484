"""Who is asking: the address of a client, for the log and for counting failed logins."""

from functools import lru_cache
from ipaddress import ip_address

from django.http import HttpRequest


def address(request: HttpRequest) -> str | None:
    """The peer or, behind a unix socket, whom the proxy names; None where nobody can tell.

    Only the proxy can connect to the socket, so its entry, the last one, is believed. A peer
    with an address of its own is believed nothing: anybody can send X-Forwarded-For.
    """
    return _checked(request.META.get("REMOTE_ADDR") or _named_by_the_proxy(request))


def _named_by_the_proxy(request: HttpRequest) -> str:
    forwarded: str = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return forwarded.rpartition(",")[2].strip()


@lru_cache(maxsize=1024)
def _checked(peer: str) -> str | None:
    try:
        # The zone of a link-local address is this machine's affair.
        return str(ip_address(peer.partition("%")[0]))
    except ValueError:
        return None
