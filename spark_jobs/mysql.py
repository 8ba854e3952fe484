"""MySQL and MariaDB through JDBC: executors append rows, the driver runs the statements.

The driver speaks `java.sql` through py4j, so a cluster needs no MySQL package for Python.
Always `jdbc:mysql:`: Spark has no dialect for `jdbc:mariadb:` and quotes names wrongly.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa
from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame, SparkSession

from spark_jobs import database
from spark_jobs.credentials import Credentials
from spark_jobs.database import Address, LiveColumn
from spark_jobs.errors import JobError

DRIVER = "com.mysql.cj.jdbc.Driver"
CONNECTOR = "com.mysql:mysql-connector-j:9.7.0"
BATCH_ROWS = 1_000
MOST_ROWS_AT_ONCE = 100_000
"""Rows that pass through the driver at a time, as its memory is small."""
MOST_WRITERS = 8
"""Connections that write at once: a small database is not to be drowned by a large cluster."""
DEFAULTS = {
    "connectTimeout": "10000",
    # A network that went silent: give up, and let the server give up the publish lock, too.
    "socketTimeout": "900000",
    "sessionVariables": "wait_timeout=3600",
    "tcpKeepAlive": "true",
    "rewriteBatchedStatements": "true",
    "useAffectedRows": "true",
}
REMEDIES = {
    1044: "GRANT this user its rights on the schema",
    1045: "check DB_USER and DB_PASSWORD, or the secret behind --db-secret",
    1049: "create the schema: CREATE DATABASE ... CHARACTER SET utf8mb4",
}
UNTRUSTED = (
    "the server's certificate is not of this host or of no authority in the truststore; check "
    "sslMode and trustCertificateKeyStoreUrl behind the address"
)
UNREACHABLE = "check host, port, security group, and that the server runs"
OF_TLS = ("javax.net.ssl.", "java.security.", "sun.security.")
SQL_TYPES = {
    pa.int64(): "bigint",
    pa.int32(): "int",
    pa.float64(): "double",
    pa.string(): "string",
}


class MySQL:
    """See `database.Database`."""

    def __init__(self, spark: SparkSession, address: Address, credentials: Credentials) -> None:
        self.spark = spark
        self.address = address
        self.credentials = credentials
        self.url = f"jdbc:{address}?{urlencode(DEFAULTS | address.properties)}"
        java: Any = spark._jvm
        _load_driver(spark)
        properties = java.java.util.Properties()
        properties.setProperty("user", credentials.user)
        properties.setProperty("password", credentials.password)
        with self._errors():
            self.connection = java.java.sql.DriverManager.getConnection(self.url, properties)

    def close(self) -> None:
        self.connection.close()

    def query(self, sql: str, *values: object) -> list[tuple]:
        with self._errors(), closing(self._prepare(sql, values)) as statement:
            return list(_rows(statement.executeQuery()))

    def execute(self, sql: str, *values: object) -> int:
        with self._errors(), closing(self._prepare(sql, values)) as statement:
            return int(statement.executeUpdate())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._errors():
            self.connection.setAutoCommit(False)
            try:
                yield
                self.connection.commit()
            except BaseException:
                self.connection.rollback()
                raise
            finally:
                self.connection.setAutoCommit(True)

    @contextmanager
    def publish_lock(self) -> Iterator[None]:
        # A named lock belongs to its connection and dies with it.
        name = f"recsys.publish.{self.address.name}"[:64]
        wait = database.LOCK_WAIT_SECONDS
        if self.query("SELECT GET_LOCK(?, ?)", name, wait) != [(1,)]:
            raise JobError(
                f"another job is publishing into {self.address} ({self._holder(name)}): "
                "wait for it to end, then run this one again"
            )
        yield
        self.query("SELECT RELEASE_LOCK(?)", name)

    def _holder(self, lock: str) -> str:
        rows = self.query(
            "SELECT id, user, host FROM information_schema.processlist WHERE id = IS_USED_LOCK(?)",
            lock,
        )
        return "".join(f"connection {id_} of {user} from {host}" for id_, user, host in rows)

    def append(self, frame: pa.Table, table: str) -> None:
        with self._errors():
            for first in range(0, frame.num_rows, MOST_ROWS_AT_ONCE):
                rows = _spread(self.spark, frame.slice(first, MOST_ROWS_AT_ONCE))
                rows.write.jdbc(self.url, table, mode="append", properties=self._properties())

    def _properties(self) -> dict[str, str]:
        return {
            "driver": DRIVER,
            "user": self.credentials.user,
            "password": self.credentials.password,
            "batchsize": str(BATCH_ROWS),
        }

    def upsert(self, table: str, key: str, columns: Sequence[str], select: str) -> str:
        updates = ", ".join(f"{name} = s.{name}" for name in columns)
        names = ", ".join((key, *columns))
        return f"INSERT INTO {table} ({names}) {select} ON DUPLICATE KEY UPDATE {updates}"

    def live_columns(self, table: str) -> dict[str, LiveColumn]:
        rows = self.query(
            "SELECT column_name, data_type, is_nullable, column_default, extra"
            " FROM information_schema.columns WHERE table_schema = ? AND table_name = ?",
            self.address.name,
            table,
        )
        return {
            name: LiveColumn(
                type=type_.lower(),
                nullable=nullable == "YES",
                has_default=default is not None or "auto_increment" in extra,
            )
            for name, type_, nullable, default, extra in rows
        }

    def _prepare(self, sql: str, values: Sequence[object]) -> Any:
        statement = self.connection.prepareStatement(sql)
        for place, value in enumerate(values, start=1):
            statement.setObject(place, value)
        return statement

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except Py4JJavaError as error:
            raise JobError(f"{self.address}: {_explain(error)}") from error


def _spread(spark: SparkSession, frame: pa.Table) -> DataFrame:
    """The rows as a frame of Spark, so that the executors write them, each its part."""
    writers = min(MOST_WRITERS, spark.sparkContext.defaultParallelism)
    if spark.version < "4":  # 3.5 takes no Arrow table without pandas
        fields = ", ".join(f"{field.name} {SQL_TYPES[field.type]}" for field in frame.schema)
        rows = spark.createDataFrame([tuple(row.values()) for row in frame.to_pylist()], fields)
        return rows.repartition(writers)
    share = -(-frame.num_rows // writers)
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", share)  # a batch, a partition
    return spark.createDataFrame(frame)


def _load_driver(spark: SparkSession) -> None:
    """Take Connector/J from `--jars` or `--packages`, else let Spark fetch and cache it."""
    if _register_driver(spark):
        return
    try:
        spark.sql(f"ADD JAR 'ivy://{CONNECTOR}?transitive=false'")
    except Exception as error:  # Spark lets whatever Ivy throws through
        raise JobError(
            f"cannot fetch {CONNECTOR}: without internet, give its jar with --jars"
        ) from error
    _register_driver(spark)


def _register_driver(spark: SparkSession) -> bool:
    # DriverManager sees a jar that came with the session only once Spark has wrapped it.
    java: Any = spark._jvm
    try:
        java.org.apache.spark.sql.execution.datasources.jdbc.DriverRegistry.register(DRIVER)
    except Py4JJavaError:
        return False
    return True


def _rows(result: Any) -> Iterator[tuple]:
    columns = range(1, result.getMetaData().getColumnCount() + 1)
    while result.next():
        yield tuple(result.getObject(column) for column in columns)


def _explain(error: Py4JJavaError) -> str:
    """The message of the SQLException at the bottom, and what to do about it."""
    cause = error.java_exception
    while cause.getCause() is not None and not _is_of_the_database(cause):
        cause = cause.getCause()
    message = str(cause.getMessage()).strip().splitlines()[0]
    if _root(cause).getClass().getName().startswith(OF_TLS):
        return f"{message}: {UNTRUSTED}"
    if cause.getClass().getSimpleName() == "CommunicationsException":
        return f"{message}: {UNREACHABLE}"
    code = cause.getErrorCode() if _is_of_the_database(cause) else 0
    return f"{message}: {REMEDIES[code]}" if code in REMEDIES else message


def _root(cause: Any) -> Any:
    while cause.getCause() is not None:
        cause = cause.getCause()
    return cause


def _is_of_the_database(cause: Any) -> bool:
    return cause.getClass().getName().startswith(("java.sql.", "com.mysql.cj.jdbc."))
