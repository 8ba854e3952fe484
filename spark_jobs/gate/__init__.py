"""The gates that can keep a run from being published, and their limits."""
