"""The address of a client, for the log, and its network, for counting failed logins."""

from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest


def address(request: HttpRequest) -> str | None:
    """The peer or, where that is the proxy, the client that it names; None where this is unknown.

    On a unix socket the peer is the proxy, as only that can connect there; else the proxy is the
    address in TRUSTED_PROXY. Its entry in X-Forwarded-For is the last one. Other peers are not
    trusted: anybody can send that header.
    """
    peer = request.META.get("REMOTE_ADDR")
    if not peer or peer in settings.TRUSTED_PROXY:
        return _checked(_named_by_the_proxy(request) or peer or "")
    return _checked(peer)


def network(request: HttpRequest) -> str | None:
    """The addresses that one person can have: an IPv4 address, or the /64 of an IPv6 address."""
    client = address(request)
    return client and _network(client)


def _named_by_the_proxy(request: HttpRequest) -> str:
    forwarded: str = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return forwarded.rpartition(",")[2].strip()


@lru_cache(maxsize=1024)
def _checked(peer: str) -> str | None:
    try:
        # The zone of a link-local address means something to this machine only.
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
