"""Read the database's user and password from a secret store, with the site's own packages.

python -m aws_deployment.machine.secret REFERENCE

prints them as JSON, for `database.py` to read from a pipe.
"""

import json
import os
import sys
from dataclasses import asdict

from botocore.session import Session
from botocore.utils import IMDSRegionProvider

from spark_jobs.errors import JobError
from spark_jobs.store.credentials import find_credentials


def main() -> None:
    os.environ["AWS_DEFAULT_REGION"] = os.environ.get("AWS_REGION") or region()
    try:
        print(json.dumps(asdict(find_credentials(sys.argv[1]))))
    except JobError as error:
        sys.exit(f"error: {error}")


def region() -> str:
    """The machine's region, which boto3 does not find by itself."""
    session = Session()
    return session.get_config_variable("region") or IMDSRegionProvider(session).provide() or ""


if __name__ == "__main__":
    main()
