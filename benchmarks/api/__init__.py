"""`bin/bench api`: the read API against DRF, FastAPI and an empty view."""
