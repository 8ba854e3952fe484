"""The admin: where curators decide, and where runs can be looked at."""

from app.admin import curation, runs, site

__all__ = ["curation", "runs", "site"]
