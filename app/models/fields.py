"""Custom column types."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

LARGEST = 2**31 - 1
"""The largest value of an integer column on every database engine."""


class ExactCharField(models.CharField):
    """Text compared byte for byte; MySQL's default collations fold case and accents."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        """On MySQL, use a collation that compares bytes."""
        parameters = super().db_parameters(connection)
        if connection.vendor == "mysql":
            parameters["collation"] = "utf8mb4_bin"
        return parameters
