"""The routes of the pages."""

from django.urls import path

from app.pages import (
    about,
    api_docs,
    dashboard,
    feed,
    for_you,
    home,
    import_ratings,
    machines,
    movie,
    ranking,
    runs,
)
from app.pages.covers import view as covers

urlpatterns = [
    path("", home.home, name="root"),
    path("movies/", ranking.movies, name="movies"),
    path("movies/<int:movie_id>/", movie.movie, name="movie"),
    path("covers/<int:movie_id>.svg", covers.cover, name="cover"),
    path("for-you/", for_you.for_you, name="for_you"),
    path("for-you/import/", import_ratings.import_ratings, name="import_ratings"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("runs/", runs.runs, name="runs"),
    path("runs/feed.atom", feed.feed, name="feed"),
    path("runs/<int:run_id>/", runs.run, name="run"),
    path("runs/<int:before>/diff/<int:after>/", runs.difference, name="run_diff"),
    path("about/", about.about_page, name="about"),
    path("api/docs/", api_docs.api_docs, name="api_docs"),
    path("robots.txt", machines.robots, name="robots"),
    path("sitemap.xml", machines.sitemap, name="sitemap"),
    path("sitemap-<int:number>.xml", machines.sitemap_file, name="sitemap_file"),
    path("manifest.webmanifest", machines.manifest, name="manifest"),
    path("favicon.ico", machines.favicon, name="favicon"),
]
