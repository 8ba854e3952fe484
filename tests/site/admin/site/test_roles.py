"""Every page of the admin, and every action of it, answers every role, and with a page."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.urls import URLPattern, URLResolver

from app.models import Curation, CurationChange, RejectedRow, Run
from tests.site.admin.pages import bulk, confirm, listed
from tests.site.factories import curate, make_movie, make_ranking, make_run

pytestmark = pytest.mark.django_db

BROWSER = {"Accept": "text/html"}
ROLES = ("superuser", "curator", "operator", "cataloguer", "viewer", "staff", "anonymous")


@pytest.fixture
def role(request, client):
    """A client of somebody in that role."""
    name = request.param
    if name == "anonymous":
        return name, client
    user = User.objects.create_user(name, is_staff=True, is_superuser=name == "superuser")
    permissions = Permission.objects.all()
    wanted = {
        "viewer": permissions.filter(codename__startswith="view_"),
        "cataloguer": permissions.filter(codename__in=["view_movie", "change_movie"]),
    }
    user.user_permissions.set(wanted.get(name, []))
    if name in ("curator", "operator"):
        user.groups.add(Group.objects.get(name=name))
    client.force_login(user)
    return name, client


each_role = pytest.mark.parametrize("role", ROLES, indirect=True)


def routes(patterns, prefix="/admin/"):
    """Every address of the admin, as its urlconf has it."""
    for one in patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, route)
        elif isinstance(one, URLPattern):
            yield route


ROUTES = sorted(set(routes(admin.site.urls[0])))


@pytest.fixture
def site():
    """A row of every kind."""
    run = make_run()
    make_ranking(run, 2, genres=("War",))
    RejectedRow.objects.create(run=run, file="ratings.csv", reason="bad_id", raw="x,1,4.0,5")
    curate(make_movie(9), hidden=True)
    user = User.objects.create_user("somebody")
    CurationChange.objects.create(batch="b1", movie_id=1, way="form", changed_by=user)
    return {
        "run": run.pk,
        "user": user.pk,
        "group": Group.objects.get(name="curator").pk,
        "curationchange": CurationChange.objects.get().pk,
        "curation": 9,
    }


def addresses(route, site, *, junk):
    """The route with things that there are and, for `junk`, with things that there are not."""
    if "(?P<app_label>" in route:  # "^(?P<app_label>app|auth|axes)/$"
        route = "/admin/app/"
    if route.endswith("(?P<url>.*)$"):
        route = "/admin/nowhere/"
    there = next((key for name, key in site.items() if f"/{name}/" in route), 1)
    for given in (there, 999_999, "x", "9" * 30) if junk else (there,):
        batch = "b1" if given == there else "nothing"
        yield re.sub(
            "<[^>]+>",
            lambda name: batch if "batch" in name[0] else str(given),  # noqa: B023
            route,
        )
        if "<" not in route:
            return


def check(answer, address):
    """It answers, and where it refuses it says so on a page."""
    assert answer.status_code in (200, 301, 302, 400, 403, 404, 405), (answer.status_code, address)
    if answer.status_code >= 400:
        assert answer["Content-Type"].startswith("text/html"), address
        assert "<h1>" in answer.content.decode(), address


@each_role
def test_every_page_answers_every_role(role, site):
    name, client = role
    assert len(ROUTES) > 40
    for route in ROUTES:
        for address in addresses(route, site, junk=name in ("superuser", "curator")):
            check(client.get(address, headers=BROWSER), address)
            if "logout" in route:
                client.force_login(User.objects.get(username=name)) if name != "anonymous" else None
                continue
            form = {"post": "yes", "curation-TOTAL_FORMS": "x", "until_0": "x"}
            check(client.post(address, form, headers=BROWSER), f"POST {address}")
    assert Run.objects.exists()


@each_role
def test_every_action_answers_every_role(role, site):
    _, client = role
    for model, page in admin.site._registry.items():
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        keys = [str(row.pk) for row in model._default_manager.all()[:2]]
        for action in {"hide", "delete_selected", "nothing", *(page.actions or [])}:
            # What is no key of a row only concerns our own: Django's fail at it.
            junk = (["x"], ["9" * 30], ["²"]) if model._meta.app_label == "app" else ()
            for chosen in (keys, [], *junk):
                answer = bulk(client, action, chosen, address)
                assert answer.status_code in (200, 302, 403), (address, action, chosen)
            answer = bulk(client, action, keys, address, index="0", select_across="1")
            assert answer.status_code in (200, 302, 403), (address, action)
    assert Curation.objects.get().hidden, "nothing is done before it is confirmed"


@pytest.mark.parametrize(
    "query",
    [
        "?q=%00",
        "?q=x&p=99",
        "?year=abc",
        "?o=9.-9",
        "?decision=x",
        "?genres__genre=War&decision=hidden",
        "?e=1",
        "?utm_source=x",
    ],
)
def test_a_list_takes_any_address(admin_client, site, query):
    for model in admin.site._registry:
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/{query}"
        check(admin_client.get(address, headers=BROWSER), address)


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("superuser", True), ("curator", True),
        ("cataloguer", False), ("viewer", False), ("staff", False),
    ],
    indirect=["role"],
)  # fmt: skip
def test_who_may_decide_is_who_has_rights_on_curation(role, may):
    _, client = role
    make_ranking(make_run(), 2)
    page = bulk(client, "hide", [1])
    if may:
        confirm(client, page)
    bulk(client, "hide", [2], movies="2", confirmed="yes", version="x")
    form = {f"curation-{name}_FORMS": n for name, n in [("TOTAL", 1), ("INITIAL", 0)]}
    form |= {"curation-0-movie": 2, "curation-0-note": "mine"}
    client.post("/admin/app/movie/2/change/", form)
    assert set(Curation.objects.values_list("movie_id", flat=True)) == ({1, 2} if may else set())
    assert listed(client) == ([2] if may else [1, 2])
    assert CurationChange.objects.exists() == may


@pytest.mark.parametrize("rights", [["add_curation", "change_curation"], ["delete_curation"]])
def test_rights_on_curation_alone_are_enough_to_find_a_movie(client, rights):
    make_movie(1, "Alien")
    user = User.objects.create_user("new", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(user)
    assert "Alien" in client.get("/admin/app/movie/?q=lie").content.decode()
    assert client.get("/admin/app/movie/1/change/").status_code == 200
    field = "app_label=app&model_name=curation&field_name=movie"
    found = client.get(f"/admin/autocomplete/?term=ali&{field}")
    assert found.json()["results"] == [{"id": "1", "text": "Alien (2000)"}]


def test_a_refusal_in_the_admin_is_a_page_of_the_admin(client):
    client.force_login(User.objects.create_user("staff", is_staff=True))
    page = client.get("/admin/app/movie/", headers=BROWSER)
    assert page.status_code == 403
    assert "the group “curator”" in page.content.decode()
    assert 'id="user-tools"' in page.content.decode()
