"""The rights of the site's and the job's database users, by table.

Neither may create, change or drop a table, or access another schema. Migrations are run by a third
user, the administrator, whose password is not in any settings. A test compares the tables with the
migrated ones, and runs the site and the job with these rights and no others.
"""

from collections.abc import Mapping

from spark_jobs.contract import RIGHTS, RUN_TABLES, STAGING_TABLES

Rights = Mapping[str, tuple[str, ...]]
"""Table -> the rights on it."""

ALL = ("SELECT", "INSERT", "UPDATE", "DELETE")
MANY_TO_MANY = ("SELECT", "INSERT", "DELETE")

JOB: Rights = RIGHTS
"""The batch job: as in its contract."""

SITE: Rights = {
    # The job's. The site makes a run current and deletes old ones, row by row; it writes none.
    "app_run": ("SELECT", "UPDATE"),
    "app_movie": ("SELECT",),
    "app_moviegenre": ("SELECT",),
    **dict.fromkeys((*RUN_TABLES, *STAGING_TABLES), ("SELECT", "DELETE")),
    # What curators decide.
    "app_curation": ALL,
    "app_curationchange": ("SELECT", "INSERT", "UPDATE"),  # the name of a deleted user is removed
    "app_keptdecisions": ALL,
    # Accounts, and their history.
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
    # Curators lock a row of it, for which MySQL requires the right to change it.
    "django_content_type": ("SELECT", "UPDATE"),
    "django_migrations": ("SELECT",),
}
"""The site: pages, API, admin, and `manage.py runs` and `curation`."""

SECOND_FACTOR: Rights = dict.fromkeys(
    ("otp_totp_totpdevice", "otp_static_staticdevice", "otp_static_statictoken"), ALL
)
"""The site as well, if ADMIN_SECOND_FACTOR has had their tables created."""
