"""Login to the admin: guesses are counted, passwords are hashed with argon2."""

import json
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import hashers
from django.contrib.auth.hashers import identify_hasher, make_password
from django.contrib.auth.models import User
from django.utils import timezone

pytestmark = pytest.mark.django_db
PASSWORD = "right horse battery"
BROWSER = {"Accept": "text/html"}


@pytest.fixture
def curator():
    return User.objects.create_superuser("curator", "curator@example.org", PASSWORD)


def log_in(client, password=PASSWORD, username="curator", **more):
    form = {"username": username, "password": password}
    return client.post("/admin/login/?next=/admin/", form, **more)


def fail(client, times, **more):
    return [log_in(client, "wrong", **more).status_code for _ in range(times)]


def test_the_fifth_failure_locks_out_even_with_the_right_password(client, curator):
    assert fail(client, 5) == [200, 200, 200, 200, 429]
    assert log_in(client).status_code == 429
    assert client.get("/admin/").status_code == 302


def test_a_lockout_is_a_problem_that_says_when_to_try_again(client, curator):
    fail(client, 5)
    answer = log_in(client)
    assert answer["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content)["status"] == 429
    assert 0 < int(answer["Retry-After"]) <= 15 * 60
    page = log_in(client, headers=BROWSER)
    assert page.status_code == 429
    assert page["Content-Type"].startswith("text/html")
    assert "Too many failed logins" in page.content.decode()


def test_a_lockout_holds_for_one_name_at_one_address(client, curator):
    User.objects.create_superuser("other", "other@example.org", PASSWORD)
    fail(client, 5)
    assert log_in(client, username="other").status_code == 302
    assert log_in(client, REMOTE_ADDR="10.9.8.7").status_code == 302


def test_another_browser_is_not_another_chance(client, curator):
    for number in range(5):
        fail(client, 1, headers={"User-Agent": f"Browser {number}"})
    assert log_in(client).status_code == 429


def test_behind_a_proxy_the_address_is_the_one_it_names(client, curator):
    for _ in range(5):
        fail(client, 1, REMOTE_ADDR="", headers={"X-Forwarded-For": "1.1.1.1, 2.2.2.2"})
    here = {"REMOTE_ADDR": "", "headers": {"X-Forwarded-For": "3.3.3.3, 2.2.2.2"}}
    there = {"REMOTE_ADDR": "", "headers": {"X-Forwarded-For": "2.2.2.2, 3.3.3.3"}}
    assert log_in(client, **here).status_code == 429
    assert log_in(client, **there).status_code == 302


def test_all_addresses_of_an_ipv6_network_are_one(client, curator):
    for number in range(5):
        fail(client, 1, REMOTE_ADDR=f"2001:db8:0:1::{number}:1")
    assert log_in(client, REMOTE_ADDR="2001:db8:0:1:ffff::").status_code == 429
    assert log_in(client, REMOTE_ADDR="2001:db8:0:2::1").status_code == 302


def test_nobody_gets_new_guesses_by_naming_an_address_of_their_own(client, curator):
    for number in range(5):
        fail(client, 1, headers={"X-Forwarded-For": f"1.1.1.{number}"})
    assert log_in(client, headers={"X-Forwarded-For": "9.9.9.9"}).status_code == 429


def test_a_login_clears_the_failures_before_it(client, curator):
    fail(client, 4)
    assert log_in(client).status_code == 302
    assert fail(client, 4) == [200] * 4


def test_after_a_quarter_of_an_hour_the_door_opens_again(client, curator):
    fail(client, 5)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    answer = log_in(client)
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 60
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert log_in(client).status_code == 302


def test_knocking_on_a_locked_door_does_not_keep_it_locked(client, curator):
    fail(client, 5)
    before = AccessAttempt.objects.values_list("attempt_time", "failures_since_start").get()
    fail(client, 3)
    after = AccessAttempt.objects.values_list("attempt_time", "failures_since_start").get()
    assert after == before


def test_an_operator_sees_the_failures_and_can_forgive_them(client, admin_client, curator):
    fail(client, 5)
    attempt = AccessAttempt.objects.get()
    assert "curator" in admin_client.get("/admin/axes/accessattempt/").content.decode()
    admin_client.post(f"/admin/axes/accessattempt/{attempt.pk}/delete/", {"post": "yes"})
    assert log_in(client).status_code == 302


def test_neither_log_nor_table_keeps_what_was_typed(client, curator, caplog):
    fail(client, 5, username="my-password-by-mistake")
    assert "my-password-by-mistake" not in caplog.text
    assert "wrong" not in caplog.text
    attempt = AccessAttempt.objects.get()
    assert "wrong" not in attempt.post_data
    assert "my-password-by-mistake" not in attempt.post_data


@pytest.mark.parametrize("username", ["a%00b", "x" * 500, "%ED%A0%80", "%FF", "名前", ""])
def test_no_name_makes_the_login_fail_itself(client, username):
    form = f"username={username}&password=wrong"
    kind = "application/x-www-form-urlencoded"
    assert client.post("/admin/login/", form, content_type=kind).status_code == 200


def test_passwords_are_hashed_with_argon2_in_19_megabytes():
    assert make_password(PASSWORD).startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_password_of_old_is_accepted_and_hashed_anew(client, curator):
    curator.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    curator.save()
    assert log_in(client).status_code == 302
    curator.refresh_from_db()
    assert identify_hasher(curator.password).algorithm == "argon2"


@pytest.fixture
def hashed(monkeypatch):
    """The ways in which a password was hashed, in order of their names."""
    done = []
    for hasher in hashers.get_hashers():
        verify, encode = hasher.verify, hasher.encode
        name = hasher.algorithm

        def count(*args, way=encode, name=name, **more):
            done.append(name)
            return way(*args, **more)

        def count_verified(*args, way=verify, name=name, **more):
            before = len(done)
            found = way(*args, **more)
            done[before:] = [name]  # it may encode on its way
            return found

        monkeypatch.setattr(hasher, "encode", count)
        monkeypatch.setattr(hasher, "verify", count_verified)
    return done


@pytest.mark.parametrize("old_hash", [True, False])
def test_a_wrong_password_costs_the_same_whoever_was_named(client, curator, hashed, old_hash):
    User.objects.create_superuser("other", "other@example.org", PASSWORD)
    User.objects.create_user("without-password")
    if old_hash:
        User.objects.filter(pk=curator.pk).update(
            password=make_password(PASSWORD, hasher="pbkdf2_sha256")
        )
    work = set()
    for name in ("curator", "other", "without-password", "nobody"):
        hashed.clear()
        assert log_in(client, "wrong", name).status_code == 200
        work.add(tuple(sorted(hashed)))
    assert work == {("argon2", "pbkdf2_sha256") if old_hash else ("argon2",)}


def test_a_next_page_elsewhere_leads_to_the_admin(client, curator):
    form = {"username": "curator", "password": PASSWORD}
    there = client.post("/admin/login/?next=https://evil.example/", form)
    assert (there.status_code, there["Location"]) == (302, "/admin/")
