"""The versions that AWS runs for us, each with the date on which AWS's support for it ends.

Looked up in the release guides of EMR and RDS on 2026-11-26. EMR's standard releases are supported
for a year, its long-term ones for three: the newest of these whose Spark the job was tested with is
used. MySQL 9.7 has been on RDS since 2026-11-18; 8.4 is supported as long as EMR's release.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Release:
    """A release of EMR. `tested` is the pyspark version that the job was tested with."""

    label: str
    spark: str
    tested: str
    supported_until: str


RELEASE = Release("emr-spark-8.1.0", "4.1.1", "4.1.4", "2029-09-07")
LAB_RELEASE = Release("emr-7.13.0", "3.5.6", "3.5.6", "2028-04-30")
"""What a Learner Lab is known to offer."""
NODE_PYTHON = "python3.11"
"""Python on the nodes of both."""
MYSQL, MYSQL_SUPPORTED_UNTIL = "8.4", "2029-07-31"
