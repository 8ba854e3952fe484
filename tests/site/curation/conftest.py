"""Backups to import."""

import json

import pytest

from tests.site.curation.backups import DECISION, write_text


@pytest.fixture
def write(tmp_path):
    """Write a document; each argument is one decision's changes to the base."""

    def write(*changes, **document):
        entries = [DECISION | change for change in changes]
        base = {"format": "recsys-curation", "version": 2, "decisions": entries}
        return write_text(tmp_path, json.dumps(base | document))

    return write
