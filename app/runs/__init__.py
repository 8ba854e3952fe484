"""What people do with runs, beside the batch job that makes them."""
