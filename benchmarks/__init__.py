"""Measurements, a module or a package for each name that `bin/bench` knows."""
