"""/movies/: its rows, the form that narrows it, and the filters as links."""
