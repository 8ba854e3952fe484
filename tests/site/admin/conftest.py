"""Movies to decide about, and a second curator."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.site.factories import make_ranking, make_run


@pytest.fixture
def movies():
    return make_ranking(make_run(), 3)


@pytest.fixture
def other_client():
    """Another superuser at another machine."""
    client = Client()
    client.force_login(User.objects.create_superuser("berta", "b@example.org", "x"))
    return client
