"""Site and job on a real server, each as its own user: their rights are enough for all they do."""

import pytest

from spark_jobs import spark_emr
from tests.support.forms import Visitor
from tests.support.processes import wait_until
from tests.support.server import get, site
from tests.support.targets import manage

CURATOR, OLD, NEW = "anna", "first-password-1", "second-password-2"


@pytest.fixture(scope="module")
def published(database, spark, tmp_path_factory):
    """Two runs by the job's user, the second of which clears an earlier one away."""
    target, users, _ = database
    folder = tmp_path_factory.mktemp("data")
    movies = [f"{n},Movie {n} (2001),Comedy|Drama" for n in range(1, 13)]
    seen = [(user, movie) for user in range(1, 40) for movie in range(1, 13) if (user + movie) % 4]
    ratings = [f"{user},{movie},{1 + movie % 9 * 0.5},1000000" for user, movie in seen]
    head = "userId,movieId,rating,timestamp"
    rows = {"movies.csv": ["movieId,title,genres", *movies],
            "ratings.csv": [head, *ratings, "1,1,seven,1"]}  # fmt: skip
    for name, lines in rows.items():
        (folder / name).write_text("\n".join([*lines, ""]))
    words = ["--input", str(folder), "--database", target.address, "--keep-runs", "2",
             "--min-ratings", "1", "--min-support", "1", "--max-rejected", "1"]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        for name, value in users["job"].environment.items():
            patch.setenv(name, value)
        assert [spark_emr.main(words) for _ in range(3)] == [0, 0, 0]
    return target


@pytest.fixture(scope="module")
def served(database, published, tmp_path_factory):
    """The site as its user; whatever the server refuses it stands in the log."""
    _, users, _ = database
    log = tmp_path_factory.mktemp("log") / "site"
    manage(users["site"], "createsuperuser", "--noinput", "--username", CURATOR,
           "--email", "a@example.org", DJANGO_SUPERUSER_PASSWORD=OLD)  # fmt: skip
    with site(users["site"], log=log) as address:
        yield address
    assert "denied" not in log.read_text()


@pytest.fixture(scope="module")
def anna(served):
    visitor = Visitor(served)
    failed = visitor.log_in(CURATOR, "wrong-" + OLD)
    assert "wrong-" not in failed[1]
    status, page = visitor.log_in(CURATOR, OLD)
    assert (status, 'id="user-tools"' in page) == (200, True)
    return visitor


def test_the_job_s_own_user_publishes_and_clears_away(published):
    assert published.rows("SELECT status FROM app_run ORDER BY id") == [
        ("superseded",),
        ("superseded",),
        ("current",),
    ]
    assert published.rows("SELECT COUNT(*) FROM app_recommendationdata") == [(24,)]
    assert published.rows("SELECT COUNT(*) FROM app_userrecommendation")[0][0] > 0


@pytest.mark.parametrize(
    "path", ["/health/", "/stats/", "/recommendations/?user=3", "/", "/movies/", "/movies/1/",
             "/for-you/", "/dashboard/", "/runs/"],
)  # fmt: skip
def test_the_site_s_own_user_serves_it(served, path):
    assert get(served + path, Accept="text/html")[0] == 200


@pytest.mark.parametrize(
    "path", ["", "app/movie/", "app/curation/", "app/curationchange/", "app/run/", "app/run/3/",
             "app/run/3/compare/", "app/run/3/rejected/", "auth/user/", "auth/group/"],
)  # fmt: skip
def test_the_admin_opens(anna, path):
    assert anna.get(f"/admin/{path}")[0] == 200


def test_a_curator_decides_and_readers_see_it(published, served, anna):
    fields = {"curation-0-hidden": "on", "curation-0-note": "why"}
    status, page = anna.submit("/admin/app/movie/12/change/", **fields)
    assert status == 200, page
    assert published.rows("SELECT movie_id, hidden FROM app_curation") == [(12, 1)]
    wait_until(lambda: get(f"{served}/movies/12/", Accept="text/html")[0] == 404, seconds=10)
    wait_until(lambda: published.rows("SELECT 1 FROM app_keptdecisions"), what="kept decisions")
    ends = "UPDATE app_curation SET until = '2020-01-01'"
    published.execute(ends)
    anna.get("/admin/app/curation/")
    assert published.rows("SELECT movie_id FROM app_curation") == []


def test_an_earlier_run_is_made_current(published, anna):
    status, page = anna.submit("/admin/app/run/2/activate/", instead_of="3")
    assert status == 200, page
    assert published.rows("SELECT id FROM app_run WHERE status = 'current'") == [(2,)]
    assert published.rows("SELECT COUNT(*) FROM django_admin_log")[0][0] > 0


def test_people_come_change_and_go(published, anna):
    status, page = anna.submit(
        "/admin/auth/user/add/", username="bert", password1=NEW, password2=NEW
    )
    assert status == 200, page
    ((bert,),) = published.rows("SELECT id FROM auth_user WHERE username = 'bert'")
    status, page = anna.submit(f"/admin/auth/user/{bert}/change/", groups="1", is_staff="on",
                               user_permissions="1")  # fmt: skip
    assert (status, "errornote" in page) == (200, False)
    assert published.rows("SELECT COUNT(*) FROM auth_user_groups") == [(1,)]
    assert anna.submit(f"/admin/auth/user/{bert}/delete/", post="yes")[0] == 200
    assert published.rows("SELECT COUNT(*) FROM auth_user") == [(1,)]


def test_a_group_is_made_and_goes(published, anna):
    assert anna.submit("/admin/auth/group/add/", name="guests", permissions="1")[0] == 200
    ((group,),) = published.rows("SELECT id FROM auth_group WHERE name = 'guests'")
    assert anna.submit(f"/admin/auth/group/{group}/delete/", post="yes")[0] == 200
    assert published.rows("SELECT id FROM auth_group WHERE name = 'guests'") == []


def test_a_password_is_changed(served, anna):
    status, page = anna.submit(
        "/admin/password_change/", old_password=OLD, new_password1=NEW, new_password2=NEW
    )
    assert (status, "errorlist" in page) == (200, False), page
    again = Visitor(served)
    assert 'id="user-tools"' in again.log_in(CURATOR, NEW)[1]


def test_who_tries_too_often_waits_and_is_let_in_again(database, served):
    target, users, _ = database
    stranger = Visitor(served)
    for _ in range(5):
        status, _page = stranger.log_in("nobody", "x" * 9)
    assert status == 429
    assert target.rows("SELECT COUNT(*) FROM axes_accessattempt")[0][0] > 0
    manage(users["site"], "axes_reset")
    assert target.rows("SELECT COUNT(*) FROM axes_accessattempt") == [(0,)]


def test_old_sessions_are_cleared_away(database, anna):
    target, users, _ = database
    target.execute("UPDATE django_session SET expire_date = '2020-01-01'")
    manage(users["site"], "clearsessions")
    assert target.rows("SELECT COUNT(*) FROM django_session") == [(0,)]
    assert "id_username" in anna.get("/admin/")[1]


def test_the_commands_of_the_site_need_no_more(database, served):
    target, users, _ = database
    manage(users["site"], "curation", "export", "-")
    check = ("check", "--deploy", "--database", "default")
    assert b"app.W002" not in manage(users["site"], *check).stderr
    assert b"recsys may do more in the database" in manage(target, *check).stderr
    manage(users["site"], "migrate", "--check")
    assert b"current" in manage(users["site"], "runs").stdout
    kept = "SELECT id, status FROM app_run WHERE purged_at IS NULL ORDER BY id"
    (older, _), (newest, status) = target.rows(kept)
    if status == "current":
        manage(users["site"], "runs", "activate", str(older))
    manage(users["site"], "runs", "activate", str(newest))
    purged = manage(users["site"], "runs", "purge", "--keep-runs", "1").stdout.decode()
    assert f"purged runs: {older}" in purged
    assert target.rows("SELECT DISTINCT run_id FROM app_recommendationdata") == [(newest,)]
