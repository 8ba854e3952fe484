"""The routes of the pages."""

from django.urls import path

from app.pages import api_docs, dashboard, for_you, home, import_ratings, movie, ranking
from app.pages.covers import view as covers

urlpatterns = [
    path("", home.home, name="root"),
    path("movies/", ranking.movies, name="movies"),
    path("movies/<int:movie_id>/", movie.movie, name="movie"),
    path("covers/<int:movie_id>.svg", covers.cover, name="cover"),
    path("for-you/", for_you.for_you, name="for_you"),
    path("for-you/import/", import_ratings.import_ratings, name="import_ratings"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("api/docs/", api_docs.api_docs, name="api_docs"),
]
