"""What gunicorn serves: `recsys.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys.settings")
application = get_wsgi_application()
# Load all code at once: a worker that starts after the files were replaced must not mix versions.
get_resolver().url_patterns  # noqa: B018
