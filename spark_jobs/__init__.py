"""The batch job: MovieLens CSVs in, one published run out. Never imports Django."""
