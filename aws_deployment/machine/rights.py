"""Who may do what to which table of the database: the site's user, and the job's.

Neither may make, change or drop a table, nor look at another schema. Migrations are run by a third
user, the administrator, whose password is in nobody's settings. A test holds the tables against
the migrated ones, and runs site and job with these rights and no others.
"""

from collections.abc import Mapping

from spark_jobs.contract import RIGHTS, RUN_TABLES, STAGING_TABLES

Rights = Mapping[str, tuple[str, ...]]
"""Table -> what may be done to it."""

ALL = ("SELECT", "INSERT", "UPDATE", "DELETE")
MANY_TO_MANY = ("SELECT", "INSERT", "DELETE")

JOB: Rights = RIGHTS
"""The batch job: what its contract says."""

SITE: Rights = {
    # The job's. The site makes a run current and clears old ones away, row by row; it writes none.
    "app_run": ("SELECT", "UPDATE"),
    "app_movie": ("SELECT",),
    "app_moviegenre": ("SELECT",),
    **dict.fromkeys((*RUN_TABLES, *STAGING_TABLES), ("SELECT", "DELETE")),
    # What curators decide.
    "app_curation": ALL,
    "app_curationchange": ("SELECT", "INSERT", "UPDATE"),  # a user who goes leaves no name
    "app_keptdecisions": ALL,
    # Who they are, and what they did.
    "auth_user": ALL,
    "auth_group": ALL,
    "auth_permission": ("SELECT",),
    "auth_user_groups": MANY_TO_MANY,
    "auth_user_user_permissions": MANY_TO_MANY,
    "auth_group_permissions": MANY_TO_MANY,
    "django_admin_log": MANY_TO_MANY,
    "django_session": ALL,
    "axes_accessattempt": ALL,
    "axes_accessattemptexpiration": ALL,
    "axes_accessfailurelog": ALL,
    "axes_accesslog": ALL,
    # Curators lock a row of it, for which MySQL wants the right to change it.
    "django_content_type": ("SELECT", "UPDATE"),
    "django_migrations": ("SELECT",),
}
"""The site: pages, API, admin, and `manage.py runs` and `curation`."""

SECOND_FACTOR: Rights = dict.fromkeys(
    ("otp_totp_totpdevice", "otp_static_staticdevice", "otp_static_statictoken"), ALL
)
"""The site as well, where ADMIN_SECOND_FACTOR has had their tables made."""
