"""The admin: where curators decide, and where runs can be looked at."""

from app.admin import curation, history, movies, runs, site

__all__ = ["curation", "history", "movies", "runs", "site"]
