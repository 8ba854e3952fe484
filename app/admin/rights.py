"""Who may do what: every page that changes decisions takes the same rights, those on curation."""

from django.http import HttpRequest

from app.admin.base import signed_in

DECIDE = ("app.add_curation", "app.change_curation")
WITHDRAW = ("app.delete_curation",)
ANY_OF = (*DECIDE, *WITHDRAW)
EXPORT = "app.view_curation"
VIEW_RUNS = "app.view_run"
VIEW_REJECTED = "app.view_rejectedrow"
ACTIVATE = "app.activate_run"
START = "app.start_run"


def may_curate(request: HttpRequest) -> bool:
    """Whether the user may change any decision in any way."""
    return any(signed_in(request).has_perm(right) for right in ANY_OF)
