"""Run the job on one machine: its JVM, scratch files and logs. Not used on a cluster."""
