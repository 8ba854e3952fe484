#!/usr/bin/env bash
# Bootstrap action of EMR, run on every node before Spark starts:
#
#   emr_bootstrap.sh TRUSTSTORE TARGET PACKAGE...
#
# TRUSTSTORE  address of what truststore.py made: the database's certificate is checked with it
# TARGET      where to leave it for Java
# PACKAGE     what the job's Python needs, e.g. pyarrow==26.0.1

set -euo pipefail

truststore=${1:?the address of the truststore is missing} target=${2:?TARGET is missing}
shift 2
python=python3.11  # what the job is run with, see emr/step.py

"$python" -m pip --version >/dev/null 2>&1 || sudo dnf install -y -q "$python-pip"
sudo "$python" -m pip install --quiet "$@"

fetched=$(mktemp)
trap 'rm -f "$fetched"' EXIT
aws s3 cp --only-show-errors "$truststore" "$fetched"
sudo mkdir -p "$(dirname "$target")"
sudo install -m 644 "$fetched" "$target"
