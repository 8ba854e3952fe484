"""Addresses of the app. Each is JSON or a page, never both, but for the root.

The root is the home page to browsers; to other clients it is `/health/`, which the read path
answers before it comes to this table.
"""

from django.urls import path

from app import pages
from app.api import api
from app.ops import metrics

urlpatterns = [
    path("", pages.home, name="root"),
    path("movies/", pages.movies, name="movies"),
    path("movies/<int:movie_id>/", pages.movie, name="movie"),
    path("dashboard/", pages.dashboard, name="dashboard"),
    path("api/docs/", pages.api_docs, name="api_docs"),
    path("metrics", metrics.expose, name="metrics"),
    path("", api.urls),
]
