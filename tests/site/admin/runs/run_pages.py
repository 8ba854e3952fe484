"""The admin's pages about a run, and the movies that such a run ranks."""

from app.models import RecommendationData


def former_movie(run, movie_id):
    return RecommendationData.objects.get(run=run, movie_id=movie_id).movie


def page_of(run, what="change"):
    return f"/admin/app/run/{run.pk}/{what}/"
