"""Two curators at the same moment: two connections, so nothing is rolled back afterwards."""

from threading import Thread

import pytest
from django.db import connection, transaction

from app.curation import services
from app.models import Curation
from tests.site.admin.pages import MOVIE, complaints, edit, form_of
from tests.site.factories import make_ranking, make_run

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one write at a time"),
]


def test_forms_that_arrive_at_the_same_moment_do_not_overwrite_each_other(admin_client):
    movies, answers = make_ranking(make_run(), 1), []
    mine = form_of(admin_client.get(MOVIE))

    def save():
        answers.append(edit(admin_client, MOVIE, mine, note="typed"))
        connection.close()

    with transaction.atomic():
        services.lock()
        services.apply(services.plan_hide([movies[0].pk]), user=None)
        thread = Thread(target=save)
        thread.start()
        thread.join(timeout=0.5)
        assert not answers, "it waits"
    thread.join()
    assert "is now “hidden”" in complaints(answers[0])
    assert Curation.objects.get().hidden
