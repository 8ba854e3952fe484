"""manage.py second_factor: which users need a code to log in to the admin."""

from argparse import ArgumentParser
from base64 import b32encode
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

BACKUP_CODES = 10


class Command(BaseCommand):
    help = "Give a user of the admin a second factor, replacing any that they had; or remove it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--remove", action="store_true", help="require only the password from now on"
        )

    def handle(self, *_: Any, username: str, remove: bool, **__: Any) -> None:
        if not settings.ADMIN_SECOND_FACTOR:
            raise CommandError("ADMIN_SECOND_FACTOR is off: set it to 1, then manage.py migrate.")
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no user {username}.")
        if remove:
            _take_away(user)
            self.stdout.write(f"{username} now logs in with the password alone.")
        else:
            self._set_up(user)

    def _set_up(self, user: User) -> None:
        """Nothing is changed until a code has proved that the app has the secret."""
        from django_otp.plugins.otp_totp.models import TOTPDevice  # noqa: PLC0415  # where it is on

        device = TOTPDevice(user=user, name="app")
        secret = b32encode(device.bin_key).decode()
        self.stdout.write(f"{device.config_url}\nOr type into an authenticator app: {secret}")
        if not _is_shown_by(device, self._ask()):
            raise CommandError("The code does not match the secret. Nothing was changed.")
        with transaction.atomic():
            _take_away(user)
            device.save()
            codes = _make_backup_codes(user)
        self.stdout.write(f"{user.get_username()} needs a code from now on.")
        self.stdout.write("Backup codes, each for one login; they are shown only once:")
        self.stdout.write("\n".join(codes))

    def _ask(self) -> str:
        self.stdout.write("The code that the app shows now: ", ending="")
        self.stdout.flush()
        try:
            return input()
        except EOFError:
            return ""


def _is_shown_by(device: Any, typed: str) -> bool:
    from django_otp.oath import TOTP  # noqa: PLC0415

    code = "".join(typed.split())
    return code.isdecimal() and bool(TOTP(device.bin_key).verify(int(code), tolerance=1))


def _take_away(user: User) -> None:
    from django_otp import devices_for_user  # noqa: PLC0415

    for device in list(devices_for_user(user, confirmed=None)):
        device.delete()


def _make_backup_codes(user: User) -> list[str]:
    from django_otp.plugins.otp_static.models import StaticDevice, StaticToken  # noqa: PLC0415

    codes = [StaticToken.random_token() for _ in range(BACKUP_CODES)]
    device = StaticDevice.objects.create(user=user, name="backup codes")
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes
