"""The routes of the pages."""

from django.urls import path

from app.pages import about, api_docs, home, machines
from app.pages.covers.views import cover
from app.pages.for_you.import_ratings import import_ratings
from app.pages.for_you.views import for_you
from app.pages.movie.views import movie
from app.pages.ranking.views import movies
from app.pages.runs.dashboard import dashboard
from app.pages.runs.feed import feed
from app.pages.runs.views import difference, run, runs

urlpatterns = [
    path("", home.home, name="root"),
    path("movies/", movies, name="movies"),
    path("movies/<int:movie_id>/", movie, name="movie"),
    path("covers/<int:movie_id>.svg", cover, name="cover"),
    path("for-you/", for_you, name="for_you"),
    path("for-you/import/", import_ratings, name="import_ratings"),
    path("dashboard/", dashboard, name="dashboard"),
    path("runs/", runs, name="runs"),
    path("runs/feed.atom", feed, name="feed"),
    path("runs/<int:run_id>/", run, name="run"),
    path("runs/<int:before>/diff/<int:after>/", difference, name="run_diff"),
    path("about/", about.about_page, name="about"),
    path("api/docs/", api_docs.api_docs, name="api_docs"),
    path("robots.txt", machines.robots, name="robots"),
    path("sitemap.xml", machines.sitemap, name="sitemap"),
    path("sitemap-<int:number>.xml", machines.sitemap_file, name="sitemap_file"),
    path("manifest.webmanifest", machines.manifest, name="manifest"),
    path("favicon.ico", machines.favicon, name="favicon"),
]
