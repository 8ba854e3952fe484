"""The routes of the pages."""

from django.urls import path

from app.pages import api_docs, dashboard, home, movie, ranking

urlpatterns = [
    path("", home.home, name="root"),
    path("movies/", ranking.movies, name="movies"),
    path("movies/<int:movie_id>/", movie.movie, name="movie"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("api/docs/", api_docs.api_docs, name="api_docs"),
]
