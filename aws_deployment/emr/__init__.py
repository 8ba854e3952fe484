"""The job on EMR: what a cluster needs, its step, its progress, its logs."""
