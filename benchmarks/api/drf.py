"""The list of recommendations, as usually written with Django REST framework."""

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers, viewsets

from app.models import MovieGenre, RecommendationData, Run


class RecommendationSerializer(serializers.ModelSerializer):
    title = serializers.CharField(source="movie.title")
    year = serializers.IntegerField(source="movie.year")
    genres = serializers.SlugRelatedField(
        source="movie.genres", slug_field="genre", many=True, read_only=True
    )

    class Meta:
        model = RecommendationData
        fields = [
            "rank", "movie_id", "title", "year", "genres",
            "rating_count", "avg_rating", "weighted_rating",
        ]  # fmt: skip


class RecommendationViewSet(viewsets.ModelViewSet):
    serializer_class = RecommendationSerializer

    def get_queryset(self) -> QuerySet[RecommendationData]:
        run = Run.objects.filter(status=Run.Status.CURRENT).latest("id")
        genres = Prefetch("movie__genres", MovieGenre.objects.order_by("genre"))
        rows = RecommendationData.objects.filter(run=run, rating_count__gte=run.min_ratings)
        rows = rows.select_related("movie").prefetch_related(genres)
        return rows.order_by("-weighted_rating", "-rating_count", "movie_id")
