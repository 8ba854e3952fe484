"""The URLs of the whole site. Each is JSON or a page, never both, except the root.

The root is the home page for browsers; for other clients it is `/health/`, see
`app/serving/middleware.py`.
"""

from django.contrib import admin
from django.urls import include, path

from app.ops import metrics

urlpatterns = [
    path("admin/", admin.site.urls),
    path("metrics", metrics.expose, name="metrics"),
    path("", include("app.pages.urls")),
    path("", include("app.api.urls")),
]

handler400 = "app.pages.errors.bad_request"
handler403 = "app.pages.errors.forbidden"
handler404 = "app.pages.errors.not_found"
handler500 = "app.pages.errors.server_error"
