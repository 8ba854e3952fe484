"""Who may do what, cell by cell: each page and action of our own, for each role, GET and POST."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from app.models import Curation, CurationChange, RejectedRow, Run
from tests.site.admin.people import client_of
from tests.site.factories import curate, make_ranking, make_run, rate

pytestmark = pytest.mark.django_db

ROLES = ("anonymous", "staff", "curator", "operator", "superuser")
#                                            anonymous staff curator operator superuser
TABLE = {
    "the first page":                       "login     ok    ok      ok       ok",
    "who can do what":                      "login     no    no      no       ok",
    "list of runs":                         "login     no    no      ok       ok",
    "page of a run":                        "login     no    no      ok       ok",
    "history of a run":                     "login     no    no      ok       ok",
    "rejected rows":                        "login     no    no      ok       ok",
    "rejected rows as CSV":                 "login     no    no      ok       ok",
    "comparison of runs":                   "login     no    no      ok       ok",
    "ask to make a run current":            "login     no    no      ok       ok",
    "make a run current":                   "login     no    no      done     done",
    "ask to start a run":                   "login     no    no      ok       ok",
    "start a run":                          "login     no    no      done     done",
    "change a run":                         "login     no    no      no       no",
    "add a run":                            "login     no    no      no       no",
    "delete a run":                         "login     no    no      no       no",
    "delete runs in bulk":                  "login     no    no      nothing  nothing",
    "list of movies":                       "login     no    ok      no       ok",
    "page of a movie":                      "login     no    ok      no       ok",
    "decide about a movie":                 "login     no    done    no       done",
    "list of decisions":                    "login     no    ok      no       ok",
    "hide in bulk":                         "login     no    ok      no       ok",
    "withdraw in bulk":                     "login     no    ok      no       ok",
    "history of curation":                  "login     no    ok      no       ok",
    "ask to undo":                          "login     no    ok      no       ok",
    "export as CSV":                        "login     no    ok      no       ok",
    "export as JSON":                       "login     no    ok      no       ok",
    "ask to import":                        "login     no    ok      no       ok",
    "upload an import":                     "login     no    ok      no       ok",
    "list of users":                        "login     no    no      no       ok",
    "make a user":                          "login     no    no      no       ok",
    "list of groups":                       "login     no    no      no       ok",
    "failed logins":                        "login     no    no      no       ok",
}  # fmt: skip
CELLS = [
    (what, role, expected)
    for what, row in TABLE.items()
    for role, expected in zip(ROLES, row.split(), strict=True)
]


@pytest.fixture
def site(settings, tmp_path):
    """Two runs, decisions, a rejected row, a user, and a command that starts nothing."""
    settings.START_RUN_COMMAND = ["true"]
    settings.START_RUN_LOG = str(tmp_path / "start-run.log")
    current = make_run()
    movies = make_ranking(current, 2)
    former = make_run("superseded", pk=current.pk + 1)
    rate(former, movies[0], rank=1)
    RejectedRow.objects.create(run=former, file="ratings.csv", reason="bad_id", raw="x,1,4.0,5")
    curate(movies[1], note="kept")
    CurationChange.objects.create(batch="b1", movie_id=2, way="form", changed_at=timezone.now())
    return {"run": former.pk, "current": current.pk}


def ask(client, what, site):
    """The answer to what the table names."""
    run, current = f"/admin/app/run/{site['run']}", f"/admin/app/run/{site['current']}"
    movie = {f"curation-{name}_FORMS": n for name, n in [("TOTAL", 1), ("INITIAL", 0)]}
    movie |= {"curation-0-movie": 1, "curation-0-note": "mine"}
    bulk = {"_selected_action": [1, 2]}
    file = SimpleUploadedFile("x.csv", b"movie_id,title,hidden,pinned_position,note,until\r\n")
    requests = {
        "the first page": ("get", "/admin/"),
        "who can do what": ("get", "/admin/people/"),
        "list of runs": ("get", "/admin/app/run/"),
        "page of a run": ("get", f"{run}/change/"),
        "history of a run": ("get", f"{run}/history/"),
        "rejected rows": ("get", f"{run}/rejected/"),
        "rejected rows as CSV": ("get", f"{run}/rejected.csv"),
        "comparison of runs": ("get", f"{run}/compare/"),
        "ask to make a run current": ("get", f"{run}/activate/"),
        "make a run current": ("post", f"{run}/activate/", {"instead_of": site["current"]}),
        "ask to start a run": ("get", "/admin/app/run/start/"),
        "start a run": ("post", "/admin/app/run/start/", {}),
        "change a run": ("post", f"{run}/change/", {"status": "failed"}),
        "add a run": ("post", "/admin/app/run/add/", {"status": "failed"}),
        "delete a run": ("post", f"{current}/delete/", {"post": "yes"}),
        "delete runs in bulk": (
            "post", "/admin/app/run/",
            {"action": "delete_selected", "_selected_action": [site["run"]], "post": "yes"},
        ),
        "list of movies": ("get", "/admin/app/movie/"),
        "page of a movie": ("get", "/admin/app/movie/1/change/"),
        "decide about a movie": ("post", "/admin/app/movie/1/change/", movie),
        "list of decisions": ("get", "/admin/app/movie/?decision=any"),
        "hide in bulk": ("post", "/admin/app/movie/", bulk | {"action": "hide"}),
        "withdraw in bulk": ("post", "/admin/app/movie/", bulk | {"action": "withdraw"}),
        "history of curation": ("get", "/admin/app/curationchange/"),
        "ask to undo": ("get", "/admin/app/curationchange/undo/b1/"),
        "export as CSV": ("get", "/admin/curation/export.csv"),
        "export as JSON": ("get", "/admin/curation/export.json"),
        "ask to import": ("get", "/admin/curation/import/"),
        "upload an import": ("post", "/admin/curation/import/", {"file": file}),
        "list of users": ("get", "/admin/auth/user/"),
        "make a user": ("get", "/admin/auth/user/add/"),
        "list of groups": ("get", "/admin/auth/group/"),
        "failed logins": ("get", "/admin/axes/accessattempt/"),
    }  # fmt: skip
    method, address, *form = requests[what]
    return getattr(client, method)(address, *form)


def state():
    return (
        list(Run.objects.order_by("id").values_list("id", "status")),
        list(Curation.objects.order_by("pk").values_list("pk", "note", "hidden")),
        User.objects.count(),
    )


@pytest.mark.parametrize(("what", "role", "expected"), CELLS)
def test_each_cell_of_the_table_of_permissions(site, what, role, expected):
    client, before = client_of(role), None
    before = state()
    answer = ask(client, what, site)
    status, there = answer.status_code, answer.get("Location", "")
    if expected == "login":
        assert status == 302 and there.startswith("/admin/login/?next="), (status, there)
    elif expected == "done":
        assert status == 302 and not there.startswith("/admin/login/"), (status, there)
    elif expected == "ok":
        assert status == 200, (status, there)
    else:
        assert status in ((403,) if expected == "no" else (200, 302)), (status, there)
    is_change = expected == "done" and what != "start a run"
    assert (state() != before) == is_change


def test_the_groups_hold_what_the_table_says_and_nothing_else():
    rights = {
        group.name: set(group.permissions.values_list("codename", flat=True))
        for group in Group.objects.all()
    }
    assert rights == {
        "curator": {
            "add_curation", "change_curation", "delete_curation", "view_curation",
            "view_curationchange", "view_movie",
        },
        "operator": {"view_run", "activate_run", "start_run", "view_rejectedrow"},
    }  # fmt: skip


def test_a_group_of_operators_that_was_there_before_keeps_its_people_and_rights():
    apps = MigrationExecutor(connection).loader.project_state().apps
    group = Group.objects.get(name="operator")
    group.permissions.set(Permission.objects.filter(codename="view_user"))
    anna = User.objects.create_user("anna")
    anna.groups.add(group)
    migration = import_module("app.migrations.0014_operator_group")
    for _ in range(2):
        migration.make_group(apps, SimpleNamespace(connection=connection))
    rights = set(anna.groups.get().permissions.values_list("codename", flat=True))
    assert rights == {"view_user", *migration.PERMISSIONS}
