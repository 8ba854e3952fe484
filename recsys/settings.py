"""All settings, in one file. Every variable read here is explained in `.env.example`.

Development needs none of them. Production (`DEBUG=0`) refuses to start without
`SECRET_KEY` and `ALLOWED_HOSTS`. `database` and `logs` turn the choices here into Django's
settings; they read no variables themselves.
"""

import shlex
from datetime import timedelta
from pathlib import Path

from csp import constants as csp
from django.core.exceptions import ImproperlyConfigured
from dotenv import load_dotenv

from recsys import database, env, logs

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
if not DEBUG and (len(SECRET_KEY) < 50 or SECRET_KEY.startswith("replace-me")):
    raise ImproperlyConfigured(
        "SECRET_KEY is shorter than 50 characters or that of .env.example: make one with python3 "
        "-c 'import secrets; print(secrets.token_urlsafe(50))'."
    )

# Database: MySQL where DB_HOST says so, else an SQLite file

STATEMENT_SECONDS = env.integer("DB_STATEMENT_SECONDS", 4)
if env.text("DB_HOST"):
    default_database = database.mysql(
        host=env.text("DB_HOST"),
        port=env.integer("DB_PORT", 3306),
        name=env.text("DB_NAME", "recsys"),
        user=env.text("DB_USER", "recsys"),
        password=env.secret("DB_PASSWORD"),
        certificates=env.text("DB_SSL_CA"),
        statement_seconds=STATEMENT_SECONDS,
    )
else:
    default_database = database.sqlite(
        Path(env.text("SQLITE_PATH", str(VAR_DIR / "recsys.sqlite3"))),
        statement_seconds=STATEMENT_SECONDS,
    )
DATABASES = {"default": default_database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The application

ROOT_URLCONF = "recsys.urls"
WSGI_APPLICATION = "recsys.wsgi.application"

INSTALLED_APPS = [
    "app",
    "app.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "app.ops.request_log.observe",
    "app.ops.csp.content_security",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "app.ops.hosts.check_host",
    "app.ops.redirects.refuse_long",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "app.serving.middleware.public_answers",
    "app.pages.errors.fill",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "app.pages.language.localize_admin",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",
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
                "app.admin.site.context.current_run",
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

# Passwords and logins: five failures per user name and address lock it for a quarter of an hour

PASSWORD_HASHERS = [
    "app.ops.login.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # for passwords set earlier
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "app.ops.login.Backend",
]
LOGIN_REDIRECT_URL = "admin:index"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "app.ops.client_ip.network"
AXES_USERNAME_CALLABLE = "app.ops.login.name"
AXES_LOCKOUT_CALLABLE = "app.ops.login.locked_out"
AXES_SENSITIVE_PARAMETERS = ["username", "csrfmiddlewaretoken", "code"]  # passwords end up there
AXES_VERBOSE = False
CSRF_FAILURE_VIEW = "app.ops.login.forged"

# A code besides the password, for users with an authenticator app: docs/admin.md

ADMIN_SECOND_FACTOR = env.boolean("ADMIN_SECOND_FACTOR", False)
OTP_TOTP_ISSUER = "Movie recommendations"
if ADMIN_SECOND_FACTOR:
    INSTALLED_APPS += [
        "django_otp",
        "django_otp.plugins.otp_totp",
        "django_otp.plugins.otp_static",
    ]
    behind = MIDDLEWARE.index("django.contrib.auth.middleware.AuthenticationMiddleware") + 1
    MIDDLEWARE.insert(behind, "django_otp.middleware.OTPMiddleware")

# Who is trusted to name the client in X-Forwarded-For: the proxy in front, by its addresses, or
# "unix" if it connects through a socket file

TRUSTED_PROXY = env.listing("TRUSTED_PROXY")

# Serving. No answer waits longer than about 10 s, see app/serving/watcher.py and store.py

THREADS = 4  # of each process
LONGEST_REQUEST_LINE = 8190  # bytes: gunicorn's maximum, which fits into nginx's buffer
READ_CACHE_MB = env.integer("READ_CACHE_MB", 32)
RUN_MAX_AGE_HOURS = env.integer("RUN_MAX_AGE_HOURS", 48)

# The command that starts a run from the admin, without a shell; empty: the admin cannot start any

try:
    START_RUN_COMMAND = shlex.split(env.text("START_RUN_COMMAND"))
except ValueError as error:
    raise ImproperlyConfigured(f"START_RUN_COMMAND is not a command: {error}.") from error
START_RUN_LOG = env.text("START_RUN_LOG", str(VAR_DIR / "start-run.log"))

# Language and time

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "app" / "locale"]
FORMAT_MODULE_PATH = "recsys.formats"
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Static files: collected and hashed in production, found in place in development

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
if not DEBUG:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "app.ops.static_files.StaticFiles"},
    }

# Transport security: on in production, off without TLS (HTTPS=0)

SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]  # load balancers check without TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = env.listing("CSRF_TRUSTED_ORIGINS")

# Posters of TMDB, with a key for its API; the browser fetches them from its image server

TMDB_API_KEY = env.secret("TMDB_API_KEY")
TMDB_API_URL = env.address("TMDB_API_URL", "https://api.themoviedb.org/3")
TMDB_IMAGES_URL = env.address("TMDB_IMAGES_URL", "https://image.tmdb.org")

# What a page may do; nothing is inline, not even in the admin

X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [csp.NONE],
        "script-src": [csp.SELF],
        "style-src": [csp.SELF],
        "img-src": [csp.SELF, "data:", *([TMDB_IMAGES_URL] if TMDB_API_KEY else [])],
        "font-src": [csp.SELF],
        "connect-src": [csp.SELF],
        "manifest-src": [csp.SELF],
        "form-action": [csp.SELF],
        "base-uri": [csp.NONE],
        "frame-ancestors": [csp.NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: [] for feature in ("camera", "geolocation", "microphone", "payment", "usb")
}

# Limits of a request: the longest form is that of a visitor with 100 rated movies

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 250
DATA_UPLOAD_MAX_NUMBER_FILES = 1
FILE_UPLOAD_MAX_MEMORY_SIZE = 4_000_000  # bytes of an export of ratings, kept off the disk

# Other sites whose pages may read the JSON, never with cookies

CORS_ALLOWED_ORIGINS = env.listing("CORS_ALLOWED_ORIGINS")
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS", "POST"]
CORS_URLS_REGEX = r"^/(api/|recommendations/|stats/|health/|$)"
CORS_EXPOSE_HEADERS = ["Age", "Cache-Status", "ETag", "Link", "Retry-After", "X-Request-ID"]
if CORS_ALLOWED_ORIGINS:
    INSTALLED_APPS.append("corsheaders")
    MIDDLEWARE.insert(1, "corsheaders.middleware.CorsMiddleware")

# Logs

LOG_FORMAT = env.text("LOG_FORMAT", "text" if DEBUG else "json")
ACCESS_LOG = env.boolean("ACCESS_LOG", not DEBUG)
if LOG_FORMAT not in ("json", "text"):
    raise ImproperlyConfigured(f"LOG_FORMAT={LOG_FORMAT!r} is neither json nor text.")
LOGGING = logs.configuration(LOG_FORMAT, access_log=ACCESS_LOG)

# Metrics for Prometheus at /metrics, for those with the token; without one, for nobody

METRICS_TOKEN = env.secret("METRICS_TOKEN")
if METRICS_TOKEN and len(METRICS_TOKEN) < 16:
    raise ImproperlyConfigured("METRICS_TOKEN is shorter than 16 characters: see .env.example.")

# Number of processes; how they serve is in recsys/gunicorn.py

WEB_CONCURRENCY = env.integer("WEB_CONCURRENCY", 2)
