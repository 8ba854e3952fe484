"""Addresses of the app. Each is JSON or a page, never both, but for the root."""

from django.urls import path

from app import api, pages

urlpatterns = [
    path("", api.root, name="root"),
    path("health/", api.health, name="health"),
    path("stats/", api.stats, name="stats"),
    path("recommendations/", api.recommendations, name="recommendations"),
    path("movies/", pages.movies, name="movies"),
]
