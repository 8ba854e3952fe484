"""What people do with the runs that the batch job makes, and what the codes of a run mean."""
