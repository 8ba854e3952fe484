"""Who is asking: the address of a client for the log, its network for counting failed logins."""

from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest


def address(request: HttpRequest) -> str | None:
    """The peer or, if that is the proxy, whom it names; None where nobody can tell.

    Behind a unix socket it is the proxy, which alone can connect there; else it is who stands in
    TRUSTED_PROXY. Its entry is the last one. Others are believed nothing: anybody can send
    X-Forwarded-For.
    """
    peer = request.META.get("REMOTE_ADDR")
    if not peer or peer in settings.TRUSTED_PROXY:
        return _checked(_named_by_the_proxy(request) or peer or "")
    return _checked(peer)


def network(request: HttpRequest) -> str | None:
    """Whom one person can be: an IPv4 address, or the /64 that an IPv6 address lies in."""
    client = address(request)
    return client and _network(client)


def _named_by_the_proxy(request: HttpRequest) -> str:
    forwarded: str = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return forwarded.rpartition(",")[2].strip()


@lru_cache(maxsize=1024)
def _checked(peer: str) -> str | None:
    try:
        # The zone of a link-local address is this machine's affair.
        found = ip_address(peer.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)


@lru_cache(maxsize=1024)
def _network(client: str) -> str:
    if ":" not in client:
        return client
    return str(IPv6Network((client, 64), strict=False).network_address)
