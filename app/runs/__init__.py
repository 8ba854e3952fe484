"""What people do with the runs that the batch job makes."""
