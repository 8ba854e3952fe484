"""Report the site's health to CloudWatch, if the machine belongs to a stack with alarms.

This uses the site's own packages: the timer runs it, the set-up never does.
"""

import boto3
from botocore.config import Config

from aws_deployment.machine import secret

NAMESPACE = "recsys"
WAITS = Config(connect_timeout=5, read_timeout=5, retries={"total_max_attempts": 2})


def send(stack: str, *, is_well: bool, is_fresh: bool) -> None:
    figures = {"SiteIsWell": is_well, "RunIsFresh": is_fresh}
    boto3.client("cloudwatch", region_name=secret.region(), config=WAITS).put_metric_data(
        Namespace=NAMESPACE,
        MetricData=[
            {
                "MetricName": name,
                "Dimensions": [{"Name": "Stack", "Value": stack}],
                "Value": float(value),
            }
            for name, value in figures.items()
        ],
    )
