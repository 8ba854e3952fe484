"""The runs of the batch job: looked at, compared, made current."""
