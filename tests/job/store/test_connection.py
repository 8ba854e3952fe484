"""The way to the database: what it says of itself, how long it waits, and why it may not be had."""

import hashlib
import re
import socket
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from spark_jobs.errors import JobError
from spark_jobs.session import Spark
from spark_jobs.store.address import parse_address
from spark_jobs.store.credentials import Credentials
from spark_jobs.store.database import connect
from spark_jobs.store.mysql import connection, connector
from tests.job.store.users import another_user
from tests.support.targets import SQLiteTarget, manage

OPTIONS = "sslMode=DISABLED&allowPublicKeyRetrieval=false"


def complaint(spark, address):
    with (
        pytest.raises(JobError) as raised,
        connect(Spark.of(spark), parse_address(address), Credentials("u", "pw")),
    ):
        pass
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_the_run_and_the_summary_say_whether_the_connection_was_encrypted(
    run_job, write_input, target
):
    outcome = run_job(write_input(), target)
    is_file = isinstance(target, SQLiteTarget)
    assert target.rows("SELECT encrypted FROM app_run") == [(None if is_file else 0,)]
    assert outcome.summary["encrypted"] is (None if is_file else False)
    told = "none over a network" if is_file else "NOT encrypted"
    assert re.search(f"connection +{told}", outcome.out)


def test_a_server_that_never_answers_the_login_is_given_up(spark, monkeypatch):
    monkeypatch.setattr(connection, "LOGIN_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        line = complaint(spark, f"mysql://127.0.0.1:{silent.getsockname()[1]}/d")
    assert "Read timed out: 1 s for the login" in line


def test_a_connection_that_is_never_taken_is_given_up(spark):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(address)
        line = complaint(spark, f"mysql://127.0.0.1:{address[1]}/d?connectTimeout=500")
        for client in waiting:
            client.close()
    assert "onnect timed out: 0.5 s, connectTimeout" in line


def test_an_unknown_host_is_called_by_its_name(spark):
    assert "no such host: nowhere.invalid" in complaint(spark, "mysql://nowhere.invalid/d")


def test_a_server_without_tls_where_tls_is_required(spark, mariadb_target):
    line = complaint(spark, f"{mariadb_target.address}?sslMode=REQUIRED")
    assert "not provided by server: turn TLS on in the server" in line


@contextmanager
def caching_sha2_server():
    """A server without TLS that does not remember the login, as MySQL is after a restart.

    MariaDB has no caching_sha2_password, so these are its packets by hand.
    """
    received: list[bytes] = []
    salt = hashlib.sha256(b"salt").digest()[:20].replace(b"\0", b"\1")
    capabilities = 0x000FF7DF & ~0x0800 | 0x00080000  # all of MySQL 8, but no TLS
    greeting = (
        b"\x0a8.4.0\0\1\0\0\0" + salt[:8] + b"\0" + (capabilities & 0xFFFF).to_bytes(2, "little")
        + b"\xff\2\0" + (capabilities >> 16).to_bytes(2, "little") + b"\x15" + bytes(10)
        + salt[8:] + b"\0" + b"caching_sha2_password\0"
    )  # fmt: skip

    def serve(listener):
        client, _ = listener.accept()
        with client:
            client.sendall(len(greeting).to_bytes(3, "little") + b"\0" + greeting)
            client.recv(65536)
            client.sendall(b"\2\0\0\2\1\4")  # the whole login, please
            received.append(client.recv(65536))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1], received


def test_a_login_that_needs_tls_or_the_server_s_key_names_all_the_ways(spark):
    with caching_sha2_server() as (port, _):
        line = complaint(spark, f"mysql://127.0.0.1:{port}/d?{OPTIONS}")
    assert "Public Key Retrieval is not allowed: without TLS" in line
    for way in ("sslMode=REQUIRED", "serverRSAPublicKeyFile", "allowPublicKeyRetrieval=true"):
        assert way in line


def test_on_this_machine_the_server_is_asked_for_its_key(spark):
    with caching_sha2_server() as (port, received):
        complaint(spark, f"mysql://127.0.0.1:{port}/d?sslMode=DISABLED")
    assert received[0][4:] == b"\2"


def test_a_session_in_utc_whatever_the_server_has(spark, mariadb_target):
    environment = mariadb_target.environment
    credentials = Credentials(environment["DB_USER"], environment["DB_PASSWORD"])
    with connect(Spark.of(spark), parse_address(mariadb_target.address), credentials) as database:
        assert database.query("SELECT @@time_zone, @@character_set_client") == [
            ("+00:00", "utf8mb4")
        ]


def test_a_schema_whose_name_means_something_in_addresses(spark, mariadb_server):
    name = "d?sslMode=REQUIRED&x#é"
    mariadb_server.create_schema(name)
    environment = mariadb_server.environment(name)
    credentials = Credentials(environment["DB_USER"], environment["DB_PASSWORD"])
    address = f"mysql://127.0.0.1:{mariadb_server.port}/d%3FsslMode=REQUIRED%26x%23%C3%A9"
    with connect(Spark.of(spark), parse_address(address), credentials) as database:
        assert database.query("SELECT DATABASE()") == [(name,)]
    mariadb_server.execute(f"DROP DATABASE `{name}`")


@pytest.fixture
def without_driver(monkeypatch):
    monkeypatch.setattr(connector, "_register", lambda _: False)


def test_no_writable_folder_for_the_driver(spark, without_driver, monkeypatch):
    monkeypatch.setattr(connector, "CONNECTOR", "com.mysql:mysql-connector-j:0.0.0")
    monkeypatch.setattr(connector, "_cache", lambda _: Path("/root-only/.ivy2"))
    with another_user():
        line = complaint(spark, "mysql://127.0.0.1/d")
    assert "/root-only/.ivy2, where Spark keeps it, is not writable" in line
    assert "set HOME to a writable folder; or set MYSQL_CONNECTOR_JAR" in line


def test_a_network_that_never_brings_the_driver(spark, without_driver, monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(connector, "FETCH_SECONDS", 0.1)
    monkeypatch.setattr(connector, "_add", lambda *_: released.wait(60))
    line = complaint(spark, "mysql://127.0.0.1/d")
    released.set()
    assert "no answer for 0.1 s" in line


def test_a_jar_that_is_not_there(spark, without_driver, monkeypatch):
    monkeypatch.setenv("MYSQL_CONNECTOR_JAR", "/nowhere/connector.jar")
    line = complaint(spark, "mysql://127.0.0.1/d")
    assert "MYSQL_CONNECTOR_JAR: /nowhere/connector.jar is not a readable file" in line


def test_a_jar_at_a_path_that_spark_cannot_take(spark, without_driver, monkeypatch, tmp_path):
    jar = tmp_path / "a b.jar"
    jar.touch()
    monkeypatch.setenv("MYSQL_CONNECTOR_JAR", str(jar))
    assert "copy it to a path of plain letters" in complaint(spark, "mysql://127.0.0.1/d")


def test_the_list_of_runs_points_at_a_connection_in_plaintext(run_job, write_input, mariadb_target):
    run_job(write_input(), mariadb_target)
    assert "(connection not encrypted)" in manage(mariadb_target, "runs").stdout.decode()


def test_a_truststore_s_password_comes_by_reference(spark, mariadb_target, tmp_path):
    (tmp_path / "password").write_text("changeit\n")
    address = (
        f"{mariadb_target.address}?sslMode=VERIFY_CA&trustCertificateKeyStoreUrl=file:///x.p12"
        "&trustCertificateKeyStorePassword=file:"
    )
    missing = complaint(spark, f"{address}{tmp_path / 'missing'}")
    assert "trustCertificateKeyStorePassword: cannot read the password" in missing
    assert "TLS" in complaint(spark, f"{address}{tmp_path / 'password'}")
