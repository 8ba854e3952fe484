"""The version of the catalogue that is in force, and the views that show it.

JSON and pages work alike: a view says what it shows of a version, and the rest is done here.
"""
