"""The pass over the ratings that counts them by movie. The ranking uses these counts alone."""
