"""The routes of the JSON addresses, in the order in which the OpenAPI document lists them."""

from django.urls import path

from app.api import openapi, views

app_name = "api"
urlpatterns = [
    path("health/", views.health, name="health"),
    path("health/live/", views.live, name="live"),
    path("stats/", views.stats, name="stats"),
    path("recommendations/", views.recommendations, name="recommendations"),
    path("api/search/", views.search, name="search"),
    path("api/movies/<str:movie_id>/", views.movie, name="movie"),
    path("api/genres/", views.genres, name="genres"),
    path("api/runs/", views.runs, name="runs"),
    path("api/runs/<str:run_id>/", views.run, name="run"),
    path("api/runs/<str:before>/diff/<str:after>/", views.difference, name="difference"),
    path("api/openapi.json", openapi.openapi, name="openapi"),
]
