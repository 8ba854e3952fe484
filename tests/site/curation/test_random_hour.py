"""A random hour of curators, replayed backwards by undo, gives the state before it."""

import random
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from app.curation import rules, services
from app.models import Curation, CurationChange, Movie
from tests.site.factories import curate, make_movie

pytestmark = pytest.mark.django_db

MOVIES, ACTIONS = 12, 60


def state():
    """All that stands in the table of decisions."""
    return list(Curation.objects.order_by("pk").values())


def some(dice):
    """A few movies, in any order."""
    return dice.sample(range(1, MOVIES + 1), dice.randint(1, 5))


def until(dice):
    return dice.choice([None, timezone.now() + timedelta(days=dice.randint(1, 9))])


def form(dice):
    """As a form would: any decision that no rule refuses."""
    row = Curation(
        movie_id=dice.randint(1, MOVIES),
        hidden=dice.random() < 0.4,
        note=dice.choice(["", "为什么 🎬", "why"]),
        public_note=dice.choice(["", "读一读"]),
        until=until(dice),
    )
    if not row.hidden and dice.random() < 0.6:
        row.pinned_position = dice.randint(1, 8)
    return None if list(rules.refusals(row)) else services.plan_decision(row)


def imported(dice):
    """A backup that withdraws some decisions and brings others, by nobody and long ago."""
    ids = some(dice)
    rows = {id_: Curation(movie_id=id_, hidden=True, note="backup") for id_ in ids[1:]}
    return services.plan_import({ids[0]: None} | rows)


def undo(dice):
    batches = sorted(set(CurationChange.objects.values_list("batch", flat=True)))
    return services.plan_undo(dice.choice(batches)) if batches else None


def one_undone(dice):
    entries = list(CurationChange.objects.order_by("id"))
    entry = dice.choice(entries) if entries else None
    return services.plan_undo(entry.batch, entry.pk) if entry else None


ACTS = [
    form,
    form,
    lambda dice: services.plan_hide(some(dice)),
    lambda dice: services.plan_pin(some(dice), dice.randint(1, 6)),
    lambda dice: services.plan_notes(some(dice), note=dice.choice(["", "neu"])),
    lambda dice: services.plan_notes(some(dice), public_note=dice.choice(["", "public"])),
    lambda dice: services.plan_until(some(dice), until(dice)),
    lambda dice: services.plan_withdrawal(some(dice)),
    imported,
    undo,
    one_undone,
]


@pytest.mark.parametrize("seed", range(5))
def test_the_history_of_a_random_hour_leads_back_to_its_beginning(seed):
    dice = random.Random(seed)
    curators = [User.objects.create_user(name) for name in ("anna", "berta")]
    for n in range(1, MOVIES + 1):
        make_movie(n)
    curate(make_movie(MOVIES + 1), pinned_position=3, note="stands in the way")
    curate(Movie.objects.get(pk=1), hidden=True, note="was here")
    states, batches = [state()], []
    while len(batches) < ACTIONS:
        with transaction.atomic():
            services.lock()
            plan = dice.choice(ACTS)(dice)
            if plan is None or not plan.changes:
                continue
            batches.append(services.apply(plan, user=dice.choice(curators)))
        states.append(state())
    entries = CurationChange.objects.count()
    for batch in reversed(batches):
        assert state() == states.pop()
        plan = services.plan_undo(batch)
        assert not plan.left
        services.apply(plan, user=curators[0])
    assert state() == states.pop()
    assert CurationChange.objects.count() == 2 * entries, "an undo is told, too"
