# Sourced by the other scripts here: what they need, installed once.
#
#   need_java              Java 17 or newer, JAVA_HOME set if it is not on the PATH
#   need_python FILE       .venv with the packages of a requirements file
#   need_packages NAME...  packages of Debian or Ubuntu
#
# The caller's folder stays the current one: paths on the command line are relative to it.

set -euo pipefail

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
. "$root/bin/signals.sh"
python=$root/.venv/bin/python

# Variables that Java and Python read themselves belong to other installations. Of Java's options
# only proxy settings are kept.
forget() {
  local name words=() word ignored=()
  for word in ${JAVA_TOOL_OPTIONS:-}; do
    case $word in -Dhttp.* | -Dhttps.* | -Dsocks* | -Djava.net.* | -Djavax.net.*) words+=("$word") ;; esac
  done
  [ "${words[*]}" = "${JAVA_TOOL_OPTIONS:-}" ] || ignored+=(JAVA_TOOL_OPTIONS)
  for name in _JAVA_OPTIONS JDK_JAVA_OPTIONS PYTHONPATH PYTHONHOME; do
    [ -z "${!name:-}" ] || ignored+=("$name")
  done
  unset _JAVA_OPTIONS JDK_JAVA_OPTIONS JAVA_TOOL_OPTIONS PYTHONHOME PYTHONPATH PYTHONSAFEPATH
  [ ${#words[@]} = 0 ] || export JAVA_TOOL_OPTIONS="${words[*]}"
  [ ${#ignored[@]} = 0 ] || say "warning: ignoring ${ignored[*]} from the environment"
}
forget

# spark-submit looks for a Python with pyspark on the PATH.
export PATH=$root/.venv/bin:$PATH

need_packages() {
  local name missing=()
  for name in "$@"; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "please install what Debian calls: ${missing[*]}"
  say "installing system packages (once): ${missing[*]}"
  apt_get update
  apt_get install -y --no-install-recommends "${missing[@]}"
}

apt_get() {
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "as root, please run: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" >/dev/null ||
    die "apt-get $1 failed; please install by hand: ${missing[*]}"
}

need_java() {
  local java
  for java in "${JAVA_HOME:-}/bin/java" "$(command -v java || true)" /usr/lib/jvm/*/bin/java; do
    if java_is_new_enough "$java"; then
      JAVA_HOME=$(dirname "$(dirname "$(readlink -f "$java")")")
      export JAVA_HOME
      return
    fi
  done
  need_packages openjdk-17-jre-headless
  JAVA_HOME=$(echo /usr/lib/jvm/java-17-openjdk-*)
  export JAVA_HOME
}

java_is_new_enough() {
  local version
  [ -x "$1" ] || return 1
  version=$("$1" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
  [ "${version:-0}" -ge 17 ]
}

need_python() {
  local stamp=$root/.venv/installed-${1//\//-} wanted base
  wanted=$(cat "$root/requirements.txt" "$root/$1" | sha256sum)
  [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || return 0
  base=$(system_python)
  "$base" -c 'import ensurepip' 2>/dev/null || need_packages python3-venv
  [ -x "$python" ] || "$base" -m venv "$root/.venv"
  say "installing Python packages into .venv (once; Spark is large, this takes minutes)"
  hearing "$python" -m pip install --quiet --disable-pip-version-check --requirement "$root/$1" ||
    die "pip could not install $1: see above; start again when that is mended"
  echo "$wanted" >"$stamp"
}

system_python() {
  local name
  for name in python3 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  die "Python 3.11, 3.12 or 3.13 is needed"
}
