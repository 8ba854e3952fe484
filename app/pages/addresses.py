"""The canonical address of a page: without tracking parameters and empty fields.

For pages only. JSON addresses always refuse unknown parameters.
"""

from collections.abc import Collection
from urllib.parse import quote, unquote_plus

from django.http import HttpRequest, HttpResponsePermanentRedirect

TRACKING_PREFIXES = ("utm_", "mtm_", "matomo_", "pk_", "hsa_", "_hs", "mkt_", "oly_", "vero_")
"""Families: Urchin and Google, Matomo (new and old), HubSpot, Marketo, Omeda, Vero."""
TRACKING = {
    *("gclid", "gclsrc", "dclid", "gbraid", "wbraid", "gad_source", "gad_campaignid", "srsltid"),
    *("_ga", "_gl"),  # Google
    *("fbclid", "fb_action_ids", "fb_action_types", "fb_source", "igshid", "igsh"),  # Meta
    *("msclkid", "ttclid", "twclid", "li_fat_id", "epik", "rdt_cid", "sccid", "s_cid", "ef_id"),
    *("mc_cid", "mc_eid", "ml_subscriber", "ml_subscriber_hash", "ck_subscriber_id"),  # newsletters
    *("yclid", "ymclid", "ysclid", "_openstat"),  # Yandex
    *("bd_vid", "spm", "scm", "share_token", "xhsshare", "isappinstalled", "nsukey"),  # China
    *("spm_id_from", "vd_source", "share_source"),
    *("wt_mc", "wickedid", "irclickid", "cjevent", "_branch_match_id", "guccounter"),
    *("ref", "ref_src", "ref_url", "referrer", "source", "campaign"),
}
"""Names that newsletters, searches, advertisements and apps append to links, in lower case."""
KEEP_SECONDS = 24 * 3600
"""Browsers would keep a permanent redirect forever, but this site may use such a name one day."""
AS_THEY_ARE = "%/?:@!$'()*,;=+~-._&"


def is_tracking(name: str) -> bool:
    """Whether a parameter of this name only says where a link came from."""
    name = name.lower()
    return name in TRACKING or name.startswith(TRACKING_PREFIXES)


def redirect_to_canonical(
    request: HttpRequest, known: Collection[str]
) -> HttpResponsePermanentRedirect | None:
    """A redirect to the page's canonical address, unless this is it; `known` are its parameters."""
    given = request.META.get("QUERY_STRING", "")
    kept = [part for part in given.split("&") if part and not _is_idle(part, known)]
    if "&".join(kept) == given:
        return None
    response = HttpResponsePermanentRedirect(_address(request, kept))
    response["Cache-Control"] = f"max-age={KEEP_SECONDS}"
    return response


def without(request: HttpRequest, names: Collection[str]) -> str:
    """The address without these parameters."""
    given = request.META.get("QUERY_STRING", "").split("&")
    return _address(request, [part for part in given if _name(part) not in names])


def _is_idle(part: str, known: Collection[str]) -> bool:
    name, value = _name(part), part.partition("=")[2]
    return is_tracking(name) or (name in known and not unquote_plus(value).strip())


def _name(part: str) -> str:
    return unquote_plus(part.partition("=")[0])


def _address(request: HttpRequest, parts: list[str]) -> str:
    # WSGI's form: one byte per character.
    query = quote("&".join(filter(None, parts)).encode("latin-1", "replace"), safe=AS_THEY_ARE)
    return f"{quote(request.path)}?{query}" if query else quote(request.path)
