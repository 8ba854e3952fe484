"""The format of the logs, which go to the console; keeping them is up to the environment."""

FILTERS = {
    "request_id": {"()": "app.ops.log_format.RequestId"},
    "few_of_a_kind": {"()": "app.ops.log_format.FewOfAKind"},
}
FORMATTERS = {
    "json": {"()": "app.ops.log_format.JSONLines"},
    "text": {
        "format": "{asctime} {levelname} {name} [{request_id}]: {message}",
        "style": "{",
    },
}


def configuration(form: str, *, access_log: bool) -> dict[str, object]:
    """The configuration for `logging.config.dictConfig`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": FILTERS,
        "formatters": FORMATTERS,
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": form,
                "filters": ["request_id"],
            }
        },
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": _loggers(access_log),
    }


def _loggers(access_log: bool) -> dict[str, object]:
    return {
        # Loggers that come with their own handlers: remove these, or records appear twice.
        "django": {},
        "gunicorn.error": {"propagate": True, "filters": ["few_of_a_kind"]},
        "app.ops.hosts": {"filters": ["few_of_a_kind"]},
        # An address that is too long, which Django logs with a traceback.
        "django.security.DisallowedRedirect": {"level": "CRITICAL"},
        # A refusal is already in the access log.
        "django.request": {
            "level": "ERROR" if access_log else "WARNING",
            "filters": ["few_of_a_kind"],
        },
    }
