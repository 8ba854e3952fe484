"""/for-you/: what is recommended to a visitor, and ratings that (s)he brings along."""
