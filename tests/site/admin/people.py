"""Who works in the admin, at a browser of their own."""

from django.contrib.auth.models import Group, User
from django.test import Client


def member(name, *groups, **user):
    """A client of somebody of the staff, who is in these groups."""
    somebody = User.objects.create_user(name, is_staff=True, **user)
    somebody.groups.set([Group.objects.get(name=group) for group in groups])
    client = Client()
    client.force_login(somebody)
    return client


def client_of(role):
    """Of nobody, of a superuser or of the staff; the groups are called as the roles."""
    if role == "anonymous":
        return Client()
    groups = [role] if role in ("curator", "operator") else []
    return member(role, *groups, is_superuser=role == "superuser")
