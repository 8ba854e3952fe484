"""`bin/bench batch`: the whole job against Spark plain and tuned, DuckDB and Polars."""
