"""moto's EMR, moved on as the real one would move."""

import gzip

import boto3

from tests.deployment.conftest import backend, outputs

JOB_ERROR = "error: cannot read s3://x/ml: no such prefix"


class Emr:
    """Moves moto's cluster and step on, as EMR would."""

    def __init__(self, clock):
        self.clock = clock

    @property
    def bucket(self):
        return outputs()["Bucket"]

    @property
    def cluster(self):
        return list(backend("emr").clusters.values())[-1]

    def then(self, cluster=None, step=None, log=None, node_log=None, reason=None):
        self.clock.events.append(lambda: self._move(cluster, step, log, node_log, reason))
        return self

    def _move(self, cluster, step, log, node_log, reason):
        if reason:
            self.cluster.last_state_change_reason = reason
        self.cluster.state = cluster or self.cluster.state
        self.cluster.steps[-1].state = step or self.cluster.steps[-1].state
        prefix = f"logs/{self.cluster.id}"
        if log:
            put_log(f"{prefix}/steps/{self.cluster.steps[-1].id}/stderr.gz", log)
        if node_log:
            put_log(f"{prefix}/node/i-1/bootstrap-actions/1/stderr.gz", node_log)


def put_log(key, text):
    bucket = outputs()["Bucket"]
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=gzip.compress(text.encode()))


def describe(emr):
    client = boto3.client("emr")
    return (
        client.describe_cluster(ClusterId=emr.cluster.id)["Cluster"],
        client.list_steps(ClusterId=emr.cluster.id)["Steps"],
    )
