"""Static files with digests in their names, and in the imports of JavaScript modules."""

from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Also rewrites imports of JavaScript modules, which Django leaves off by default."""

    support_js_module_import_aggregation = True
