"""Addresses of the whole site."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("app.urls")),
]

handler400 = "app.error_pages.bad_request"
handler403 = "app.error_pages.forbidden"
handler404 = "app.error_pages.not_found"
handler500 = "app.error_pages.server_error"
