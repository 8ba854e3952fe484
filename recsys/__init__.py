"""The Django project: settings, root URLs and gunicorn. Pages, API and models are in `app`."""
