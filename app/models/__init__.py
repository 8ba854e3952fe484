"""The tables. Django's migrations own all of them; they are written by:

- the job: runs, catalogue, ranked rows, rejected rows and its staging tables;
- curators, through the admin (or `manage.py curation`): `Curation` and its history,
  `CurationChange`, which the job never touches;
- the processes of the site: `KeptDecisions`, for readers who are paging.

Rows of a run refer to movies without a database constraint: they arrive before the catalogue, which
only changes in the transaction that makes the run current.
"""

from app.models.curation import Curation, CurationChange, KeptDecisions
from app.models.fields import ExactCharField
from app.models.movies import Movie, MovieGenre
from app.models.recommendations import (
    RecommendationData,
    SimilarMovie,
    UserRecommendation,
    VisitorWeights,
)
from app.models.runs import HALF_STARS, SYNTHETIC_NOTICE, RejectedRow, Run
from app.models.staging import StagedMovie, StagedMovieGenre

__all__ = [
    "HALF_STARS",
    "SYNTHETIC_NOTICE",
    "Curation",
    "CurationChange",
    "ExactCharField",
    "KeptDecisions",
    "Movie",
    "MovieGenre",
    "RecommendationData",
    "RejectedRow",
    "Run",
    "SimilarMovie",
    "StagedMovie",
    "StagedMovieGenre",
    "UserRecommendation",
    "VisitorWeights",
]
