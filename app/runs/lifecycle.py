"""Going back to a kept run, and clearing away old rows.

All changes hold the publish lock, the same one as the batch job's, so none happens during a
publish.
"""

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from app.models import (
    RecommendationData,
    RejectedRow,
    Run,
    SimilarMovie,
    StagedMovie,
    StagedMovieGenre,
    UserRecommendation,
    VisitorWeights,
)
from app.runs.errors import RunError
from app.runs.locks import publish_lock

# The job has these three, too: `spark_jobs/contract.py` states them, and a test compares.
PURGE_ROWS = 5_000
ABANDONED = "the job ended without reporting an error"
ROWS_OF_RUNS: dict[type[Model], str] = {
    RecommendationData: "movie_id",
    SimilarMovie: "movie_id",
    VisitorWeights: "movie_id",
    UserRecommendation: "user_id",
    RejectedRow: "id",
    StagedMovie: "movie_id",
    StagedMovieGenre: "movie_id",
}
"""Models with rows of a run -> the column by which those are deleted in chunks."""


def activate(run_id: int, *, instead_of: int | None = None, user: User | None = None) -> Run:
    """Make a kept run the current one, in one transaction. Raises RunError.

    `instead_of` is the run that was current when the user confirmed, 0 where none was; RunError is
    raised where it is another one by now. With `user` the change is recorded in the admin's log.
    """
    with publish_lock(), transaction.atomic():
        run, current = _kept(run_id), Run.objects.current().first()
        _refuse_what_changes_nothing(run, current, instead_of)
        _require_rows(run)
        Run.objects.filter(status=Run.Status.CURRENT).update(status=Run.Status.SUPERSEDED)
        run.status = Run.Status.CURRENT
        run.save(update_fields=["status"])
        if user:
            _record(run, current, user)
    return run


def refuse_activation(run_id: int) -> None:
    """Raises RunError where `activate` would because of the run itself."""
    run = _kept(run_id)
    _refuse_what_changes_nothing(run, None, None)
    _require_rows(run)


def _kept(run_id: int) -> Run:
    run = Run.objects.kept().filter(pk=run_id).first()
    if run is None:
        raise _without_rows(run_id)
    return run


def _require_rows(run: Run) -> None:
    """A backup that was restored in part, or a manual change, may have left none."""
    if run.movies_rated and not RecommendationData.objects.filter(run=run).exists():
        raise _without_rows(run.pk)


def _without_rows(run_id: int) -> RunError:
    kept = Run.objects.kept().exclude(pk=run_id).order_by("-id").values_list("id", flat=True)
    listed = ", ".join(map(str, kept)) or _("none")
    words = _("run %(run)d has no rows to serve; kept: %(kept)s")
    return RunError(words % {"run": run_id, "kept": listed})


def _refuse_what_changes_nothing(run: Run, current: Run | None, agreed: int | None) -> None:
    if run.status == Run.Status.CURRENT:
        raise RunError(_("run %(run)d is already current") % {"run": run.pk})
    if agreed is not None and agreed != (current.pk if current else 0):
        words = _("run %(run)s became current in the meantime: check again what would change")
        raise RunError(words % {"run": current.pk if current else "-"})


def _record(run: Run, previous: Run | None, user: User) -> None:
    words = _("made current in place of run %(run)s") % {"run": previous.pk if previous else "-"}
    LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(Run),
        object_id=str(run.pk),
        object_repr=str(run),
        action_flag=CHANGE,
        change_message=words,
    )


def purge(*, keep_runs: int) -> list[int]:
    """Delete the rows of all but the current and the newest other runs, `keep_runs` in all.

    Returns the ids of the runs that lost their rows. Raises RunError.
    """
    with publish_lock():
        # A job that is still loading is dead, as we hold the lock. No reader sees such rows: they
        # go first, and make room in a full table for what is written below.
        _delete_rows_of_others(set(Run.objects.kept().values_list("id", flat=True)))
        loading = Run.objects.filter(status=Run.Status.LOADING)
        loading.update(status=Run.Status.FAILED, error=ABANDONED)
        kept = _kept_ids(keep_runs)
        gone = Run.objects.filter(purged_at=None).exclude(id__in=kept)
        purged = list(gone.order_by("id").values_list("id", flat=True))
        _mark_purged(purged)
        _delete_rows_of_others(set(kept))
    return purged


def _mark_purged(run_ids: list[int]) -> None:
    # With the mark the site stops offering a run, so it is written in the transaction that deletes
    # the first rows. Rows go first: a full table has no room for a mark.
    for run_id in run_ids:
        with transaction.atomic():
            for model, key in ROWS_OF_RUNS.items():
                _delete_chunk(model, key, run_id)
            Run.objects.filter(pk=run_id).update(purged_at=timezone.now())


def _kept_ids(keep_runs: int) -> list[int]:
    kept = list(Run.objects.kept().order_by("-id"))
    kept.sort(key=lambda run: run.status != Run.Status.CURRENT)
    return [run.pk for run in kept[:keep_runs]]


def _delete_rows_of_others(kept: set[int]) -> None:
    for model, key in ROWS_OF_RUNS.items():
        _delete_rows(model, key, kept)


def _delete_rows(model: type[Model], key: str, kept: set[int]) -> None:
    # In chunks by key: transactions are short, so that neither readers nor curators wait.
    others = model._default_manager.exclude(run_id__in=kept).order_by("run_id")
    for run_id in others.values_list("run_id", flat=True).distinct():
        while _delete_chunk(model, key, run_id):
            pass


def _delete_chunk(model: type[Model], key: str, run_id: int) -> bool:
    """Delete the first rows of a run. Returns whether it has more."""
    rows = model._default_manager.filter(run_id=run_id)
    border = rows.order_by(key).values_list(key, flat=True)[PURGE_ROWS : PURGE_ROWS + 1]
    if not border:
        rows.delete()
        return False
    rows.filter(**{f"{key}__lte": border[0]}).delete()
    return True
