"""/for-you/: recommendations for a visitor, and the ratings that they import."""
