"""/runs/ and /dashboard/: what the batch job published, for those who ask whether to trust it."""
