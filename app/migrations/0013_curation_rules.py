"""A public note, and the rules of decisions as far as the engines hold them.

What has run out leaves the table for the history first: it holds no position any more.
"""

from uuid import uuid4

from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone

import app.models.fields


def put_ended_aside(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    ended = apps.get_model("app", "Curation").objects.filter(until__lte=timezone.now())
    history, batch = apps.get_model("app", "CurationChange").objects, uuid4().hex
    history.bulk_create(
        history.model(
            batch=batch,
            movie_id=row.movie_id,
            way="expiry",
            changed_at=row.until,
            before={
                "hidden": row.hidden,
                "pinned_position": row.pinned_position,
                "note": row.note,
                "until": row.until.isoformat(),
                "decided_by": row.decided_by_id,
                "decided_at": row.decided_at.isoformat(),
            },
        )
        for row in ended
    )
    ended.delete()


def refuse_contradictions(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """No door of the site ever let them in; who wrote them by hand knows better what is right."""
    pinned = apps.get_model("app", "Curation").objects.exclude(pinned_position=None)
    seen: dict[int, int] = {}
    for row in pinned.order_by("pk"):
        if row.hidden:
            raise ValueError(f"movie {row.pk} is both hidden and pinned: decide which, then migrate")
        if row.pinned_position < 1:
            # Said here, as MySQL would keep what was altered before its own refusal.
            raise ValueError(
                f"movie {row.pk} is pinned at {row.pinned_position}, and 1 is the first: "
                "correct or withdraw it, then migrate"
            )
        other = seen.setdefault(row.pinned_position, row.pk)
        if other != row.pk:
            raise ValueError(
                f"movies {other} and {row.pk} are both pinned at {row.pinned_position}: "
                "withdraw one of them, then migrate"
            )

class Migration(migrations.Migration):

    dependencies = [
        ('app', '0012_models_of_a_run'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(put_ended_aside, migrations.RunPython.noop),
        migrations.RunPython(refuse_contradictions, migrations.RunPython.noop),
        migrations.AddField(
            model_name='curation',
            name='public_note',
            field=models.CharField(blank=True, db_default='', default='', help_text="Everybody reads it on the movie's page.", max_length=500, verbose_name='public note'),
        ),
        migrations.AddField(
            model_name='keptdecisions',
            name='notes',
            field=models.JSONField(null=True),
        ),
        migrations.AlterField(
            model_name='curationchange',
            name='way',
            field=app.models.fields.ExactCharField(choices=[('form', 'form'), ('bulk', 'bulk action'), ('import', 'import'), ('undo', 'undo'), ('expiry', 'expiry')], db_index=True, max_length=8, verbose_name='way'),
        ),
        migrations.AddIndex(
            model_name='curation',
            index=models.Index(fields=['until'], name='curation_by_end'),
        ),
        migrations.AddConstraint(
            model_name='curation',
            constraint=models.CheckConstraint(condition=models.Q(('hidden', False), ('pinned_position', None), _connector='OR'), name='curation_hidden_or_pinned'),
        ),
        migrations.AddConstraint(
            model_name='curation',
            constraint=models.CheckConstraint(condition=models.Q(('pinned_position', None), ('pinned_position__gte', 1), _connector='OR'), name='curation_position_from_1'),
        ),
        migrations.AddConstraint(
            model_name='curation',
            constraint=models.UniqueConstraint(fields=('pinned_position',), name='curation_one_movie_a_position'),
        ),
        migrations.AddField(
            model_name='curation',
            name='noted',
            field=models.GeneratedField(db_index=True, db_persist=True, expression=models.Case(models.When(models.Q(('note', ''), ('public_note', '')), then=models.Value(False)), default=models.Value(True)), output_field=models.BooleanField()),
        ),
    ]
