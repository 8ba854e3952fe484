"""The door that gunicorn opens: `recsys.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys.settings")
application = get_wsgi_application()
