"""Number formats, for languages in which Django's own are not the usual ones."""
