#!/usr/bin/env bash
# Bootstrap action of EMR, run on every node before Spark starts:
#
#   emr_bootstrap.sh CERTIFICATES TRUSTSTORE PACKAGE...
#
# CERTIFICATES  address of a PEM bundle: those that the database's certificate is checked against
# TRUSTSTORE    where to leave them for Java
# PACKAGE       what the job's Python needs, e.g. pyarrow==26.0.1

set -euo pipefail

certificates=${1:?the address of a PEM bundle is missing} truststore=${2:?TRUSTSTORE is missing}
shift 2
python=python3.11  # what the job is run with, see PYSPARK_PYTHON in cluster.py

"$python" -m pip --version >/dev/null 2>&1 || sudo dnf install -y -q "$python-pip"
sudo "$python" -m pip install --quiet "$@"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
curl --fail --silent --show-error --retry 5 --output bundle.pem "$certificates"
csplit --quiet --elide-empty-files --prefix cert- bundle.pem '/-----BEGIN CERTIFICATE-----/' '{*}'
# Certificates are public, so the store has no password: nobody need be told one.
open='-J-Dkeystore.pkcs12.macAlgorithm=NONE -J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE'
for file in cert-*; do
  grep -q 'BEGIN CERTIFICATE' "$file" || continue  # what stands above the first
  # shellcheck disable=SC2086  # two options
  keytool $open -importcert -noprompt -alias "$file" -file "$file" \
    -keystore truststore.p12 -storetype PKCS12 -storepass unused 2>/dev/null
done
sudo mkdir -p "$(dirname "$truststore")"
sudo install -m 644 truststore.p12 "$truststore"
