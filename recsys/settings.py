"""All settings, in one file. Every variable read here is explained in `.env.example`.

Development needs none of them. Production (`DEBUG=0`) refuses to start without
`SECRET_KEY` and `ALLOWED_HOSTS`.
"""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from dotenv import load_dotenv

from recsys import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
load_dotenv(env.text("ENV_FILE", str(BASE_DIR / ".env")))

# Production or development

DEBUG = env.boolean("DEBUG", True)
SECRET_KEY = env.secret("SECRET_KEY")
ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS")
HTTPS = env.boolean("HTTPS", not DEBUG)

if DEBUG:
    SECRET_KEY = SECRET_KEY or "only-for-development"
for name in ("SECRET_KEY", "ALLOWED_HOSTS"):
    if not DEBUG and not globals()[name]:
        raise ImproperlyConfigured(f"DEBUG is off, so {name} must be set: see .env.example.")

# Database: MySQL where DB_HOST says so, else an SQLite file

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 20


def mysql() -> dict[str, object]:
    options: dict[str, object] = {
        "charset": "utf8mb4",
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": STATEMENT_SECONDS,
        "write_timeout": STATEMENT_SECONDS,
    }
    if certificates := env.text("DB_SSL_CA"):
        options |= {"ssl_mode": "VERIFY_IDENTITY", "ssl": {"ca": certificates}}
    return {
        "ENGINE": "django.db.backends.mysql",
        "HOST": env.text("DB_HOST"),
        "PORT": env.integer("DB_PORT", 3306),
        "NAME": env.text("DB_NAME", "recsys"),
        "USER": env.text("DB_USER", "recsys"),
        "PASSWORD": env.secret("DB_PASSWORD"),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
        "TEST": {"CHARSET": "utf8mb4"},
    }


def sqlite() -> dict[str, object]:
    path = Path(env.text("SQLITE_PATH", str(VAR_DIR / "recsys.sqlite3")))
    path.parent.mkdir(parents=True, exist_ok=True)  # sqlite3 makes files, not folders
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "timeout": STATEMENT_SECONDS,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


DATABASES = {"default": mysql() if env.text("DB_HOST") else sqlite()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The application

ROOT_URLCONF = "recsys.urls"
WSGI_APPLICATION = "recsys.wsgi.application"

INSTALLED_APPS = [
    "app",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "app.context.current_run",
            ],
        },
    },
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{validator}"}
    for validator in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Language and time

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Static files: collected and hashed in production, found in place in development

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
if not DEBUG:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

# Transport security: on in production, off where TLS cannot be had (HTTPS=0)

SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = env.listing("CSRF_TRUSTED_ORIGINS")
X_FRAME_OPTIONS = "DENY"

# Logs go to the console; whoever runs the process keeps them

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
