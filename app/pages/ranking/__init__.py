"""/movies/: its rows, the form that filters it, and the filters as links."""
