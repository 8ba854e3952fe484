"""The contract against the models, and against the tables as both engines have them."""

from typing import get_args

import pytest
from django.apps import apps
from django.db import models
from pyspark.sql import SparkSession

from app.runs import lifecycle, locks
from spark_jobs import contract
from spark_jobs.input.rejection import REASONS, Reason
from spark_jobs.session import Spark
from spark_jobs.store.address import parse_address
from spark_jobs.store.credentials import Credentials
from spark_jobs.store.database import check_schema, connect

MODELS = {model._meta.db_table: model for model in apps.get_app_config("app").get_models()}
KINDS = {
    models.BigAutoField: "bigint",
    models.BigIntegerField: "bigint",
    models.IntegerField: "integer",
    models.FloatField: "double",
    models.CharField: "text",
    models.TextField: "text",
    models.JSONField: "text",
    models.DateTimeField: "datetime",
    models.BooleanField: "boolean",
    models.BinaryField: "bytes",
}


def kind(field):
    if isinstance(field, models.ForeignKey):
        return kind(field.target_field)
    return next(name for cls, name in KINDS.items() if isinstance(field, cls))


@pytest.mark.parametrize("table", contract.TABLES)
def test_the_contract_says_what_the_models_say(table):
    fields = {
        field.column: contract.Column(field.column, kind(field), nullable=field.null)
        for field in MODELS[table]._meta.concrete_fields
        if not isinstance(field, models.CompositePrimaryKey)
    }
    wanted = {column.name: column for column in contract.TABLES[table]}
    # Only a number that the database gives by itself may be missing from the contract.
    missing = fields.keys() - wanted.keys()
    assert all(isinstance(MODELS[table]._meta.pk, models.AutoField) for _ in missing)
    assert missing <= {"id"}
    assert {name: fields[name] for name in wanted} == wanted


def test_the_tables_of_a_run_are_those_with_its_number():
    numbered = {
        table
        for table, columns in contract.TABLES.items()
        if "run_id" in {column.name for column in columns}
    }
    assert numbered == contract.RUN_TABLES.keys() | contract.STAGING_TABLES.keys()


def test_the_site_purges_the_tables_of_a_run_by_the_same_keys():
    of_the_site = {model._meta.db_table: key for model, key in lifecycle.ROWS_OF_RUNS.items()}
    assert of_the_site == contract.RUN_TABLES | contract.STAGING_TABLES


def test_the_site_purges_in_the_job_s_chunks_and_words():
    assert lifecycle.PURGE_ROWS == contract.PURGE_ROWS
    assert lifecycle.ABANDONED == contract.ABANDONED


@pytest.mark.parametrize("schema", ["recsys", "s" * 64])
def test_the_site_takes_the_job_s_publish_lock(schema):
    assert locks.lock_name(schema) == contract.publish_lock_name(schema)


def test_the_job_s_rights_are_on_exactly_its_tables():
    assert contract.RIGHTS.keys() == contract.TABLES.keys()


def test_every_reason_of_a_rejected_row_has_its_meaning():
    assert tuple(REASONS) == get_args(Reason)


def test_every_table_is_the_job_s_or_the_site_s():
    site = {"app_curation", "app_curationchange", "app_keptdecisions"}
    assert MODELS.keys() - contract.TABLES.keys() == site


def test_the_limits_are_the_models_own():
    assert MODELS["app_movie"]._meta.get_field("title").max_length == contract.TITLE_LENGTH
    assert MODELS["app_moviegenre"]._meta.get_field("genre").max_length == contract.GENRE_LENGTH


def test_the_migrated_tables_fit(spark: SparkSession, target):
    environment = target.environment
    credentials = Credentials(environment.get("DB_USER", ""), environment.get("DB_PASSWORD", ""))
    with connect(Spark.of(spark), parse_address(target.address), credentials) as database:
        check_schema(database)
