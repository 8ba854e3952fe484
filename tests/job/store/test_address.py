"""An address of a database: what may stand in it, and what is refused with the remedy."""

import re

import pytest

from spark_jobs.store.address import parse_address
from spark_jobs.store.address_options import OPTIONS
from spark_jobs.store.mysql.connection import connection_options
from tests.support.targets import ROOT

HOST = "mysql://h/d"
STORE = f"{HOST}?sslMode=VERIFY_CA&trustCertificateKeyStoreUrl=file:///x.p12"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        # Names that Connector/J would ignore, and so connect in plaintext.
        (f"{HOST}?ssl-mode=REQUIRED", "'ssl-mode' is not an option: did you mean sslMode?"),
        (f"{HOST}?sslmode=REQUIRED", "did you mean sslMode?"),
        (f"{HOST}?tls=true", "did you mean sslMode?"),
        (f"{HOST}?requireSSL=true", "did you mean sslMode?"),
        (f"{HOST}?conectTimeout=5", "did you mean connectTimeout?"),
        (f"{HOST}?ssl_ca=/x.pem", "did you mean trustCertificateKeyStoreUrl?"),
        (f"{HOST}?sslMode=REQUIRED&amp;connectTimeout=5", "did you mean connectTimeout?"),
        (f"{HOST}?allowLoadLocalInfile=true", "there are sslMode, tlsVersions"),
        # Values.
        (f"{HOST}?sslMode", "sslMode has no value"),
        (f"{HOST}?sslMode=", "sslMode has no value"),
        (f"{HOST}?", "an option is missing"),
        (f"{HOST}?sslMode=REQUIRED&", "an option is missing"),
        (f"{HOST}?sslMode=required", "did you mean REQUIRED?"),
        (f"{HOST}?sslMode=REQUIRED;connectTimeout=5", "is not one of DISABLED"),
        (f"{HOST}?sslMode=REQUIRED&sslMode=DISABLED", "sslMode is given more than once"),
        (f"{HOST}?connectTimeout=0", "'0' is not a whole number of milliseconds from 1"),
        (f"{HOST}?socketTimeout=10s", "'10s' is not a whole number of milliseconds"),
        (f"{HOST}?tlsVersions=TLSv1", "'TLSv1' is not one or both of"),
        (f"{HOST}?allowPublicKeyRetrieval=yes", "is not one of true, false"),
        (f"{HOST}?serverRSAPublicKeyFile=key.pem", "is not the absolute path"),
        # What would be left aside without a word.
        (f"{HOST}?trustCertificateKeyStoreUrl=file:///x.p12", "only with sslMode=VERIFY_CA"),
        (f"{HOST}?sslMode=VERIFY_CA&fallbackToSystemTrustStore=false", "Url is missing"),
        (f"{HOST}?sslMode=VERIFY_CA&trustCertificateKeyStoreType=JKS", "Url is missing"),
        (f"{HOST}?sslMode=DISABLED&tlsVersions=TLSv1.3", "is invalid with sslMode=DISABLED"),
        (f"{HOST}?sslMode=VERIFY_CA&trustCertificateKeyStoreUrl=/x.p12", "write file:///path"),
        # What the job sets by itself.
        (f"{HOST}?characterEncoding=latin1", "the character encoding is set by the job"),
        (f"{HOST}?connectionCollation=latin1_bin", "the character encoding is set by the job"),
        (f"{HOST}?serverTimezone=Mars/Phobos", "the time zone is set by the job"),
        # Hosts, ports, names.
        ("mysql://h:0/d", "'0' is not a port from 1 to 65535"),
        ("mysql://h:65536/d", "'65536' is not a port"),
        ("mysql://h:１/d", "is not a port"),
        ("mysql://::1:3306/d", "an IPv6 address in brackets"),
        ("mysql://[::zz]/d", "must have the form mysql://"),
        ("mysql://[::1/d", "must have the form mysql://"),
        ("mysql://999.1.1.1/d", "'999.1.1.1' is not an IP address"),
        ("mysql://h1,h2/d", "'h1,h2' is not the name of one host"),
        ("mysql://(host=h,sslMode=DISABLED)/d", "is not the name of one host"),
        ("mysql://h/d#x", "must not contain a #"),
        ("mysql://h/%FF", "must have the form mysql://"),
        (f"mysql://h/{'d' * 65}", "up to 64 printable characters"),
        ("mysql://h/d\n?sslMode=REQUIRED", "a line break"),
        # Other schemes, among them what other tools write.
        ("mysql+pymysql://h/d", "begin with just mysql://"),
        ("mariadb://h/d", "begin with just mysql://"),
        ("jdbc:mysql://h/d", "begin with just mysql://"),
        ("postgresql+psycopg://h/d", "only MySQL, MariaDB and SQLite"),
        ("sqlite://x.sqlite3", "with three slashes"),
        ("sqlite:x.sqlite3", "with three slashes"),
        ("x.sqlite3", "for a file, give sqlite:///path"),
        ("", "must have the form mysql://"),
        ("sqlite:///", "must name a file"),
        ("sqlite:///:memory:", "must name a file that the site also reads"),
    ],
)  # fmt: skip
def test_what_an_address_may_not_hold(address, expected):
    with pytest.raises(ValueError) as refused:
        parse_address(address)
    assert expected in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        "mysql://u:hunter2@h/d",
        "mysql://u:hun/ter2@h/d",
        "postgres://u:hunter2@h/d",
        f"{HOST}?password=hunter2",
        f"{HOST}?pasword=hunter2",
        f"{STORE}&trustCertificateKeyStorePassword=hunter2",
    ],
)
def test_a_password_in_an_address_is_refused_and_not_repeated(address):
    with pytest.raises(ValueError) as refused:
        parse_address(address)
    assert "ter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "host", "told"),
    [
        ("mysql://db/recsys", "db", "mysql://db:3306/recsys"),
        ("MYSQL://My_DB.example.:3307/d", "my_db.example.", "mysql://my_db.example.:3307/d"),
        ("mysql://[::1]:3307/d", "::1", "mysql://[::1]:3307/d"),
        ("mysql://10.0.0.1:/d", "10.0.0.1", "mysql://10.0.0.1:3306/d"),
        ("mysql://h/影评", "h", "mysql://h:3306/%E5%BD%B1%E8%AF%84"),
        # Not an option that came in through the name.
        ("mysql://h/d%3FsslMode=DISABLED", "h", "mysql://h:3306/d%3FsslMode%3DDISABLED"),
    ],
)
def test_an_address_of_a_server(address, host, told):
    assert (parse_address(address).host, str(parse_address(address))) == (host, told)


def test_an_address_of_a_file_is_taken_literally():
    for path in ("a b/x#1?y=2%20.sqlite3", "/absolute/x.sqlite3", "人/x.sqlite3"):
        assert parse_address(f"sqlite:///{path}").name == path


def test_all_options_together():
    address = parse_address(
        f"{STORE}&trustCertificateKeyStoreType=PKCS12&fallbackToSystemTrustStore=false"
        "&trustCertificateKeyStorePassword=ssm:/recsys/truststore&tlsVersions=TLSv1.2,TLSv1.3"
        "&connectTimeout=5000&socketTimeout=60000"
    )
    assert address.options["trustCertificateKeyStorePassword"] == "ssm:/recsys/truststore"


def test_a_public_key_is_taken_from_the_server_on_this_machine_alone():
    asked = {
        host: connection_options(parse_address(f"mysql://{host}/d")).get("allowPublicKeyRetrieval")
        for host in ("localhost", "127.0.0.1", "[::1]", "db.example", "10.0.0.1")
    }
    assert [host for host, value in asked.items() if value] == ["localhost", "127.0.0.1", "[::1]"]


def test_encoding_and_time_zone_are_the_job_s_whatever_the_server_has():
    options = connection_options(parse_address(HOST))
    assert options["characterEncoding"] == "UTF-8"
    assert "time_zone='+00:00'" in options["sessionVariables"]


def test_every_option_is_in_the_readme():
    table = (ROOT / "docs" / "job.md").read_text().split("## The address of the database")[1]
    named = re.findall(r"^\| (`.*?) \|", table.split("## ")[0], flags=re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(named))) == OPTIONS.keys()
