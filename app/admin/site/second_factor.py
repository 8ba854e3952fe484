"""A code beside the password, for users with an authenticator app; django-otp stores its secret.

`app.apps` takes this site instead of the other one where ADMIN_SECOND_FACTOR is on. Nothing else
imports this module, as django-otp's models are installed only then.
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

from app.admin.site.admin_site import RecommendationsAdminSite

DIGITS = 6
CACHED = "_lacks_second_factor"
"""Attribute of the request that keeps the answer."""


class LoginForm(AdminAuthenticationForm):
    """Name and password and, for users who have a second factor, its code."""

    code = forms.CharField(
        label=_("Code"),
        required=False,
        max_length=32,
        help_text=_(
            "The six digits that your authenticator app shows now, or a backup code. Leave it "
            "empty if you have no second factor."
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
        """Raises ValidationError. A wrong code counts like a wrong password."""
        if not code:
            raise ValidationError(_("This account has a second factor: enter its code as well."))
        device = _device_that_takes(user, code)
        if device is None:
            credentials = {"username": user.get_username()}
            user_login_failed.send(__name__, credentials=credentials, request=self.request)
            raise ValidationError(
                _("The code is wrong or has been used before: wait for the next one.")
            )
        # django-otp keeps it in the session.
        user.otp_device = device  # type: ignore[attr-defined]


def _device_that_takes(user: User, code: str) -> Any:
    """Tries only the kind of device that has such codes, as each device counts its failures."""
    kind = TOTPDevice if len(code) == DIGITS and code.isdecimal() else StaticDevice
    devices = kind.objects.devices_for_user(user, confirmed=True)
    found = (verify_token(user, one.persistent_id, code) for one in devices)
    return next((one for one in found if one), None)


class SecondFactorAdminSite(RecommendationsAdminSite):
    """The admin, which asks users who have a second factor for its code."""

    login_form = LoginForm

    def has_permission(self, request: HttpRequest) -> bool:
        """Users who have a second factor must have used it in this session."""
        if not super().has_permission(request):
            return False
        device = request.user.otp_device  # type: ignore[union-attr]
        return device is not None or self.lacks_second_factor(request)

    def lacks_second_factor(self, request: HttpRequest) -> bool:
        """Queried once per request."""
        if not hasattr(request, CACHED):
            setattr(request, CACHED, not user_has_device(request.user))
        return bool(getattr(request, CACHED))

    def second_factors(self) -> set[int]:
        return set(TOTPDevice.objects.filter(confirmed=True).values_list("user_id", flat=True))
