"""The group `curator`: who is in it decides about movies, and does nothing else."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

PERMISSIONS = (
    *("add_curation", "change_curation", "delete_curation", "view_curation"),
    *("view_curationchange", "view_movie"),
)


def make_group(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # Django makes permissions only when all migrations are done.
    config = apps.get_app_config("app")
    config.models_module = True  # type: ignore[assignment]
    create_permissions(
        config, apps=apps, verbosity=0, using=schema_editor.connection.alias
    )
    config.models_module = None
    group, _made = apps.get_model("auth", "Group").objects.get_or_create(name="curator")
    permissions = apps.get_model("auth", "Permission").objects
    wanted = permissions.filter(content_type__app_label="app", codename__in=PERMISSIONS)
    group.permissions.add(*wanted)


class Migration(migrations.Migration):
    dependencies = [
        ("app", "0007_curation_history"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    # The way back leaves the group: there are people in it by then.
    operations = [migrations.RunPython(make_group, migrations.RunPython.noop)]
