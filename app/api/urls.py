"""The routes of the JSON addresses."""

from django.urls import path

from app.api import (
    openapi,
    views,  # noqa: F401  # importing declares them
)
from app.api.endpoints import endpoints

app_name = "api"
urlpatterns = [
    *(path(one.path, one.view, name=one.name) for one in endpoints),
    path("api/openapi.json", openapi.openapi, name="openapi"),
]
