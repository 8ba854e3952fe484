"""Column types of our own."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

LARGEST = 2**31 - 1
"""What an integer column holds on every engine."""


class ExactCharField(models.CharField):
    """Text compared byte for byte; MySQL's default collations fold case and accents."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        """On MySQL with a collation that compares bytes."""
        parameters = super().db_parameters(connection)
        if connection.vendor == "mysql":
            parameters["collation"] = "utf8mb4_bin"
        return parameters
