"""Turns a machine into the site and keeps it so. Called by `ec2_setup.sh`, standard library only.

`__main__` reads as the list of steps. What was written or switched goes through `Changes`, which
says so and takes it back when a later step fails.
"""
