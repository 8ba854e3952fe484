"""/runs/ and /dashboard/: what the batch job published, and whether to trust it."""
