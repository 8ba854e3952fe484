"""Site and job on a real server, each as its own user, made by the statements of the set-up."""

import json
import secrets
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

import MySQLdb
import pytest
from django.apps import apps

from aws_deployment.machine import rights
from spark_jobs import spark_emr
from tests.support.forms import Visitor
from tests.support.processes import wait_until
from tests.support.server import get, site
from tests.support.targets import ROOT, MariaDBTarget, manage

PASSWORDS = {who: f'o\'ne \\ "{who}" %s {secrets.token_hex(4)}' for who in ("site", "job")}
CURATOR, OLD, NEW = "anna", "first-password-1", "second-password-2"
DENIED = {1142, 1143, 1044, 1227, 1370, 1410, 1095}
"""What the server says of a right that is missing."""


@dataclass
class As(MariaDBTarget):
    """The target as one of its users."""

    user: str
    password: str

    @property
    def environment(self):
        return super().environment | {"DB_USER": self.user, "DB_PASSWORD": self.password}

    def run(self, sql):
        with closing(self._connect()) as connection:
            connection.cursor().execute(sql)

    def _connect(self):
        return MySQLdb.connect(
            host="127.0.0.1", port=self.server.port, user=self.user, password=self.password,
            db=self.schema, charset="utf8mb4",
        )  # fmt: skip


@pytest.fixture(scope="module")
def database(mariadb_targets):
    """A migrated schema, and the users that the set-up makes for it."""
    target = mariadb_targets.make()
    users = {who: As(target.server, target.schema, f"u_{who}", PASSWORDS[who]) for who in PASSWORDS}
    with administrator(target) as admin:
        first = grants("give", target, admin, users)
        assert "database user u_site" in first and "database user u_job" in first
        assert grants("give", target, admin, users) == grants("take", target, admin, users) == ""
        yield target, users, admin
    for user in users.values():
        target.execute(f"DROP USER IF EXISTS {user.user}")


@contextmanager
def administrator(target):
    """Who may do what RDS's master may, and that is not all: no SUPER, no file, no shutdown."""
    allowed = (
        "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER,"
        " CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, CREATE VIEW, SHOW VIEW, CREATE ROUTINE,"
        " ALTER ROUTINE, CREATE USER, EVENT, TRIGGER"
    )
    target.execute("CREATE USER the_master IDENTIFIED BY 'pw'")
    target.execute(f"GRANT {allowed} ON *.* TO the_master WITH GRANT OPTION")
    yield {"user": "the_master", "password": "pw"}
    target.execute("DROP USER the_master")


def grants(command, target, admin, users):
    """As the set-up runs it: passwords through a pipe, and nothing of them in what it says."""
    asked = {
        "server": {"host": "127.0.0.1", "port": target.server.port, "schema": target.schema,
                   "ca": ""},
        "admin": admin,
        "users": {who: {"user": one.user, "password": one.password} for who, one in users.items()},
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "aws_deployment.machine.grants", command],
        cwd=ROOT, input=json.dumps(asked), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not any(one.password in done.stdout for one in users.values())
    return done.stdout


def test_the_site_has_the_second_factor_where_its_tables_are(database):
    target, users, admin = database
    manage(target, "migrate", "--verbosity", "0", ADMIN_SECOND_FACTOR="1")
    assert grants("give", target, admin, users) == "rights of u_site on 3 tables\n"
    users["site"].run("DELETE FROM otp_totp_totpdevice")
    assert grants("give", target, admin, users) == grants("take", target, admin, users) == ""
    for table in rights.SECOND_FACTOR:
        target.execute(f"REVOKE ALL ON {table} FROM u_site")
    for table in reversed(rights.SECOND_FACTOR):
        target.execute(f"DROP TABLE {table}")
    target.execute("DELETE FROM django_migrations WHERE app LIKE 'otp%'")


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


def test_every_table_has_its_rights():
    models = apps.get_models(include_auto_created=True)
    tables = {model._meta.db_table for model in models} | {"django_migrations"}
    assert rights.SITE.keys() == tables
    assert rights.JOB.keys() <= tables


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
    manage(users["site"], "runs", "activate", "3")
    assert b"purged runs: 2" in manage(users["site"], "runs", "purge", "--keep-runs", "1").stdout
    assert target.rows("SELECT DISTINCT run_id FROM app_recommendationdata") == [(3,)]


REFUSED = {
    "drop": "DROP TABLE app_run",
    "alter": "ALTER TABLE app_movie ADD COLUMN x int",
    "create": "CREATE TABLE x (y int)",
    "truncate": "TRUNCATE app_recommendationdata",
    "users": "SELECT * FROM mysql.user",
    "grant": "GRANT SELECT ON app_run TO u_site",
    "new user": "CREATE USER stranger",
    "files": "SELECT 1 INTO OUTFILE '/tmp/x'",
}
REFUSED_TO_THE_SITE = {
    "a new run": "INSERT INTO app_run (status) VALUES ('current')",
    "no run": "DELETE FROM app_run",
    "a rank": "UPDATE app_recommendationdata SET rank = 1",
    "rows": "INSERT INTO app_recommendationdata (run_id, movie_id) VALUES (3, 1)",
    "a list": "UPDATE app_userrecommendation SET packed = ''",
    "a title": "UPDATE app_movie SET title = 'x'",
    "history": "DELETE FROM app_curationchange",
    "migrations": "INSERT INTO django_migrations (app, name, applied) VALUES ('a', 'b', now())",
}
REFUSED_TO_THE_JOB = {
    "passwords": "SELECT * FROM auth_user",
    "sessions": "SELECT * FROM django_session",
    "decisions": "UPDATE app_curation SET hidden = 1",
    "no run": "DELETE FROM app_run",
    "ranks": "UPDATE app_recommendationdata SET rating_count = 1",
}


@pytest.mark.parametrize(
    ("who", "sql"),
    [
        pytest.param(who, sql, id=f"{who}: {what}")
        for who, refused in [("site", REFUSED | REFUSED_TO_THE_SITE),
                             ("job", REFUSED | REFUSED_TO_THE_JOB)]
        for what, sql in refused.items()
    ],
)  # fmt: skip
def test_what_is_nobody_s_business_is_refused(database, who, sql):
    _, users, _ = database
    sql = sql.replace("SET rank =", "SET `rank` =")  # a word of MySQL's
    with pytest.raises(MySQLdb.Error) as refused:
        users[who].run(sql)
    assert refused.value.args[0] in DENIED | {1045}, refused.value


def test_the_statements_that_are_shown_give_the_same(database):
    target, users, admin = database
    names = ["u_shown", "u_shown_job"]
    command = [sys.executable, "-m", "aws_deployment.machine.grants", "show", target.schema, *names]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    twins = {
        who: replace(users[who], user=name, password="pw")
        for who, name in zip(("site", "job"), names, strict=True)
    }
    for name in names:
        target.execute(f"CREATE USER {name} IDENTIFIED BY 'pw'")
    for statement in filter(None, shown.split(";\n")):
        target.execute(statement)
    assert grants("give", target, admin, twins) == grants("take", target, admin, twins) == ""
    for name in names:
        target.execute(f"DROP USER {name}")


def test_what_was_given_too_much_is_taken_and_a_new_password_taken_over(database):
    target, users, admin = database
    target.execute(f"GRANT ALL ON `{target.schema}`.* TO u_site")
    target.execute("GRANT INSERT, UPDATE ON app_recommendationdata TO u_site")
    target.execute("GRANT SELECT ON auth_user TO u_job")
    assert grants("give", target, admin, users) == ""
    taken = grants("take", target, admin, users)
    assert "ALTER" in taken and f"on `{target.schema}`.*" in taken
    assert f"taken from u_site: INSERT, UPDATE on `{target.schema}`.`app_recomm" in taken
    assert f"taken from u_job: SELECT on `{target.schema}`.`auth_user`" in taken
    assert grants("take", target, admin, users) == ""
    with pytest.raises(MySQLdb.Error):
        users["site"].run("DELETE FROM app_run")
    renewed = users | {"job": replace(users["job"], password="another")}
    assert grants("give", target, admin, renewed) == "database user u_job\n"
    renewed["job"].run("SELECT 1 FROM app_run")
    assert grants("give", target, admin, users) == "database user u_job\n"
