"""The tables. Django's migrations own all of them; who writes which:

- the job: runs, catalogue, ranked rows, rejected rows and its staging tables;
- curators, through the admin (or `manage.py curation`): `Curation` and its history,
  `CurationChange`, never touched by the job;
- the processes of the site: `KeptDecisions`, for readers who page on.

Rows of a run point at movies without a database constraint: they arrive before the
catalogue does, which only changes in the transaction that makes the run current.
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
