"""What each user of the database may do: given and taken by the set-up, refused by the server."""

import subprocess
import sys
from dataclasses import replace

import MySQLdb
import pytest
from django.apps import apps

from aws_deployment.machine import rights
from tests.support.targets import ROOT, manage
from tests.system.database_users.users import grants

DENIED = {1142, 1143, 1044, 1227, 1370, 1410, 1095}
"""What the server says of a right that is missing."""


def test_every_table_has_its_rights():
    models = apps.get_models(include_auto_created=True)
    tables = {model._meta.db_table for model in models} | {"django_migrations"}
    assert rights.SITE.keys() == tables
    assert rights.JOB.keys() <= tables


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
    assert f"revoked from u_site: INSERT, UPDATE on `{target.schema}`.`app_recomm" in taken
    assert f"revoked from u_job: SELECT on `{target.schema}`.`auth_user`" in taken
    assert grants("take", target, admin, users) == ""
    with pytest.raises(MySQLdb.Error):
        users["site"].run("DELETE FROM app_run")
    renewed = users | {"job": replace(users["job"], password="another")}
    assert grants("give", target, admin, renewed) == "database user u_job\n"
    renewed["job"].run("SELECT 1 FROM app_run")
    assert grants("give", target, admin, users) == "database user u_job\n"
