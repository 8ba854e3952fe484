"""MySQL and MariaDB through Connector/J. What both engines share is in `store`."""
