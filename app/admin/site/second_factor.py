"""A code beside the password, for those who have an authenticator app; django-otp keeps its secret.

`app.apps` has this site in the place of the other where ADMIN_SECOND_FACTOR is on; nobody else
imports this, for django-otp's models are there only then.
"""

from typing import Any, cast

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_otp import user_has_device, verify_token
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from app.admin.site import site as own_site

DIGITS = 6
KEPT = "_lacks_second_factor"


class LoginForm(AdminAuthenticationForm):
    """Name, password and, of those who have a second factor, its code."""

    code = forms.CharField(
        label=_("Code"),
        required=False,
        max_length=32,
        help_text=_(
            "The six digits that your authenticator app shows now, or a backup code. Empty if you "
            "have no second factor."
        ),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "aria-describedby": "id_code_helptext"}
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        user = cast("User | None", self.get_user())
        if user and user_has_device(user):
            self._check_code(user, "".join(cleaned.get("code", "").lower().split()))
        return cleaned

    def _check_code(self, user: User, code: str) -> None:
        """Raises ValidationError. A wrong code counts as a wrong password does."""
        if not code:
            raise ValidationError(_("This account has a second factor: give its code, too."))
        device = _device_that_takes(user, code)
        if device is None:
            credentials = {"username": user.get_username()}
            user_login_failed.send(__name__, credentials=credentials, request=self.request)
            raise ValidationError(
                _("The code is wrong, or it was used before: wait for the next one.")
            )
        # django-otp keeps it in the session.
        user.otp_device = device  # type: ignore[attr-defined]


def _device_that_takes(user: User, code: str) -> Any:
    """Of the two kinds only the one that has such codes is asked: each counts its failures."""
    kind = TOTPDevice if len(code) == DIGITS and code.isdecimal() else StaticDevice
    devices = kind.objects.devices_for_user(user, confirmed=True)
    found = (verify_token(user, one.persistent_id, code) for one in devices)
    return next((one for one in found if one), None)


class Site(own_site.Site):
    """The admin, which asks those for a code who have something that makes codes."""

    login_form = LoginForm

    def has_permission(self, request: HttpRequest) -> bool:
        """Whoever has a second factor has to have used it for this very session."""
        if not super().has_permission(request):
            return False
        device = request.user.otp_device  # type: ignore[union-attr]
        return device is not None or self.lacks_second_factor(request)

    def lacks_second_factor(self, request: HttpRequest) -> bool:
        """Asked of the database once a request."""
        if not hasattr(request, KEPT):
            setattr(request, KEPT, not user_has_device(request.user))
        return bool(getattr(request, KEPT))

    def second_factors(self) -> set[int]:
        return set(TOTPDevice.objects.filter(confirmed=True).values_list("user_id", flat=True))
