"""The site's URLs, an empty view, and the list served by Django REST framework."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from benchmarks.api.drf import RecommendationViewSet


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"{}", content_type="application/json")


router = SimpleRouter()
router.register("recommendations", RecommendationViewSet, basename="drf")
# The site's own come last, so that none of them is tried for the peers.
urlpatterns = [
    path("empty/", empty),
    path("drf/", include(router.urls)),
    path("", include("recsys.urls")),
]
