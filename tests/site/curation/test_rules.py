"""The rules of decisions, whoever decides, and how what has run out stops."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from app.curation import services
from app.curation.services import RuleBroken
from app.models import Curation, CurationChange
from tests.site.factories import curate, make_movie, make_ranking, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def movies():
    return make_ranking(make_run(), 5)


def soon(**until):
    return timezone.now() + timedelta(**until)


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"hidden": True, "pinned_position": 1}, "either hidden or pinned"),
        ({"hidden": True, "until": soon(days=-1)}, "This is in the past"),
    ],
)
def test_no_door_lets_in_what_contradicts_itself(movies, values, rule):
    plan = services.plan_decision(Curation(movie_id=1, **values))
    with pytest.raises(RuleBroken, match=rule):
        services.apply(plan, user=None)
    assert not Curation.objects.exists()


@pytest.mark.parametrize(
    "values",
    [
        {"hidden": True, "pinned_position": 2},
        {"pinned_position": 0},
        {"pinned_position": 1},
    ],
)
def test_the_database_itself_holds_the_rules(movies, values):
    curate(movies[1], pinned_position=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        curate(movies[0], **values)


def test_two_movies_never_hold_one_position(movies):
    curate(movies[0], pinned_position=2)
    plan = services.plan_pin([2, 3], 1)
    assert [(one.movie_id, one.pin) for one in plan.changes] == [(2, 1)]
    assert plan.left == {3: "position 2 is taken by “Movie 1 (2000)”"}
    with pytest.raises(RuleBroken):
        services.apply(services.plan_decision(Curation(movie_id=4, pinned_position=2)), user=None)
    assert Curation.objects.get().movie_id == 1


def test_pins_that_change_places_among_themselves_do_not_clash(movies):
    services.apply(services.plan_pin([1, 2, 3], 1), user=None)
    services.apply(services.plan_pin([3, 1, 2], 1), user=None)
    pinned = Curation.objects.order_by("pinned_position").values_list("movie_id", flat=True)
    assert list(pinned) == [3, 1, 2]


def test_a_movie_that_cannot_move_keeps_its_position_from_the_one_behind(movies):
    services.apply(services.plan_pin([1, 2, 3], 1), user=None)
    plan = services.plan_pin([1, 2], 2)  # 2 goes to where 3 is, so 1 cannot go to where 2 is
    assert not plan.changes
    assert set(plan.left) == {1, 2}


def test_what_has_run_out_goes_into_the_history_as_of_its_end(movies, django_user_model):
    anna = django_user_model.objects.create_user("anna")
    end = soon(days=-1)
    curate(movies[0], pinned_position=2, note="for a week", until=end, decided_by=anna)
    curate(movies[1], hidden=True, until=soon(days=1))
    services.record_expiries()
    services.record_expiries()
    entry = CurationChange.objects.get()
    assert (entry.way, entry.changed_at, entry.changed_by) == ("expiry", end, None)
    assert (entry.before["note"], entry.before["decided_by"], entry.after) == (
        "for a week", anna.pk, None,
    )  # fmt: skip
    assert Curation.objects.get().movie_id == 2


def test_the_position_of_what_has_run_out_is_free(movies):
    curate(movies[0], pinned_position=2, until=soon(seconds=-1))
    with transaction.atomic():
        services.lock()
        plan = services.plan_pin([3], 2)
        services.apply(plan, user=None)
    assert Curation.objects.get().movie_id == 3
    ways = CurationChange.objects.order_by("id").values_list("movie_id", "way")
    assert list(ways) == [(1, "expiry"), (3, "bulk")]


def test_an_undo_brings_back_nothing_whose_end_has_passed(movies):
    curate(movies[0], hidden=True, until=soon(hours=1))
    batch = services.apply(services.plan_withdrawal([1]), user=None)
    before = CurationChange.objects.get().before | {"until": soon(hours=-1).isoformat()}
    CurationChange.objects.update(before=before)
    plan = services.plan_undo(batch)
    assert plan.left == {1: "it has expired: make a new decision"}
    assert not plan.changes


def test_one_entry_of_a_bulk_action_is_undone_alone(movies):
    batch = services.apply(services.plan_hide([1, 2, 3]), user=None)
    entry = CurationChange.objects.get(movie_id=2)
    services.apply(services.plan_undo(batch, entry.pk), user=None)
    assert set(Curation.objects.values_list("movie_id", flat=True)) == {1, 3}
    services.apply(services.plan_undo(batch), user=None)
    assert not Curation.objects.exists()


def test_notes_and_ends_leave_the_rest_of_a_decision_alone(movies):
    services.apply(services.plan_pin([1], 3), user=None)
    until = soon(days=3)
    services.apply(services.plan_notes([1, 2], public_note="读一读 🎬"), user=None)
    plan = services.plan_until([1, 2, 3], until)
    services.apply(plan, user=None)
    assert plan.left == {3: "has no decision"}
    row = Curation.objects.get(movie_id=1)
    assert (row.pinned_position, row.public_note, row.until) == (3, "读一读 🎬", until)
    services.apply(services.plan_notes([1, 2], public_note=""), user=None)
    assert list(Curation.objects.values_list("movie_id", flat=True)) == [1], "2 has no decision"


def test_an_old_entry_without_a_public_note_is_undone(movies):
    batch = services.apply(services.plan_hide([1]), user=None)
    entry = CurationChange.objects.get()
    del entry.after["public_note"]
    entry.save()
    assert services.plan_undo(batch).changes


def test_the_plan_of_another_value_is_another_one(movies):
    curate(make_movie(9), note="x")
    assert services.plan_pin([1], 1).version != services.plan_pin([1], 2).version
    assert services.plan_notes([9], note="y").version == services.plan_notes([9], note="y").version


def test_a_decision_keeps_who_made_it_when_its_end_is_undone(movies):
    anna = User.objects.create_user("anna")
    services.apply(services.plan_hide([1]), user=anna)
    before = list(Curation.objects.values())
    batch = services.apply(services.plan_until([1], soon(days=1)), user=None)
    services.apply(services.plan_undo(batch), user=None)
    assert list(Curation.objects.values()) == before
