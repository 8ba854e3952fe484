"""The admin: curators decide about movies, operators look at runs."""

# Importing these registers them with Django's admin.
from app.admin.curation.history import CurationChangeAdmin
from app.admin.curation.model_admin import CurationAdmin
from app.admin.movies.model_admin import MovieAdmin
from app.admin.runs.model_admin import RunAdmin

__all__ = ["CurationAdmin", "CurationChangeAdmin", "MovieAdmin", "RunAdmin"]
