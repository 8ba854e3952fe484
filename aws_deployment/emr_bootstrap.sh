#!/usr/bin/env bash
# Bootstrap action of EMR, run on every node before Spark starts:
#
#   emr_bootstrap.sh TRUSTSTORE TARGET REQUIREMENTS VENV
#
# TRUSTSTORE    address of the output of truststore.py, which verifies the database's certificate
# TARGET        where to put it for Java
# REQUIREMENTS  address of the list of packages that the job's Python needs
# VENV          the virtual environment to create for it: the system's Python stays as it is

set -euo pipefail

truststore=${1:?the address of the truststore is missing} target=${2:?TARGET is missing}
requirements=${3:?the address of the requirements is missing} venv=${4:?VENV is missing}
python=python3.11

fetched=$(mktemp -d)
trap 'rm -rf "$fetched"' EXIT
aws s3 cp --only-show-errors "$truststore" "$fetched/truststore"
aws s3 cp --only-show-errors "$requirements" "$fetched/requirements"

"$python" -m ensurepip --version >/dev/null 2>&1 || sudo dnf install -y -q "$python-pip"
sudo "$python" -m venv "$venv"
sudo "$venv/bin/python" -m pip install --quiet --requirement "$fetched/requirements"

sudo mkdir -p "$(dirname "$target")"
sudo install -m 644 "$fetched/truststore" "$target"
