"""The version of the catalogue that is in force, and the views that show it.

JSON and pages take one way: a view says what it shows of a version, the rest is done here.
"""
