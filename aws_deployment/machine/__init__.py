"""Turn a machine into the site and keep it so. Called by `ec2_setup.sh`, standard library only.

`__main__` reads as the list of steps. Everything written or switched goes through `Changes`, which
reports it and undoes it when a later step fails.
"""
