"""The read model: a run's movies in memory, and every question to them as a pure function.

Plain values go in and come out. Nothing here knows of HTTP, and nothing but `loader` of the
database; what cannot be answered is an exception of `errors`.
"""
