"""Static files with digests in their names, and in the imports of JavaScript modules."""

from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Django rewrites imports of modules where it is told to."""

    support_js_module_import_aggregation = True
