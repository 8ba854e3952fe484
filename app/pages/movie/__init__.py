"""/movies/<id>/: one movie, for people and for search engines."""
