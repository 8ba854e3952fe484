"""The job on EMR: what a cluster needs, its step, following it to its end, its logs."""
