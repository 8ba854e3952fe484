"""The group `operator`: who is in it looks at runs, makes them current and starts them."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

PERMISSIONS = ("view_run", "activate_run", "start_run", "view_rejectedrow")


def make_group(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # Django makes permissions only when all migrations are done.
    config = apps.get_app_config("app")
    config.models_module = True  # type: ignore[assignment]
    create_permissions(
        config, apps=apps, verbosity=0, using=schema_editor.connection.alias
    )
    config.models_module = None
    # Where somebody has such a group already it keeps its people and what else they may do.
    group, _made = apps.get_model("auth", "Group").objects.get_or_create(name="operator")
    permissions = apps.get_model("auth", "Permission").objects
    wanted = permissions.filter(content_type__app_label="app", codename__in=PERMISSIONS)
    group.permissions.add(*wanted)


class Migration(migrations.Migration):
    dependencies = [
        ("app", "0013_curation_rules"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="run",
            options={
                "permissions": [
                    ("activate_run", "Can make a run current"),
                    ("start_run", "Can start a run"),
                ],
                "verbose_name": "run",
                "verbose_name_plural": "runs",
            },
        ),
        # The way back leaves the group: there are people in it by then.
        migrations.RunPython(make_group, migrations.RunPython.noop),
    ]
