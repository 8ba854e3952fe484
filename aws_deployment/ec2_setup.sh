#!/usr/bin/env bash
# Turn this machine into the site: Ubuntu 24.04, Debian 12 or Amazon Linux 2023, as root.
#
#   ec2_setup.sh --db-host HOST --db-secret REFERENCE --host NAME     the first time
#   ec2_setup.sh                                                      again: changes what differs
#   ec2_setup.sh --upgrade REF                                        another version of the site
#
#   --db-host HOST         the MySQL server         --db-port N (3306)   --db-name NAME (recsys)
#   --db-user NAME         the site's (recsys); a user name in the secret takes precedence
#   --db-secret REFERENCE  where its password is: secretsmanager:NAME, ssm:NAME,
#                          s3:BUCKET/KEY or file:PATH
#   --db-admin-secret REFERENCE  of a user who may create users and tables, such as RDS's master:
#                          the site's user is then created, with only the rights that it needs.
#                          Without it that user has to own the schema, and migrates it
#   --db-job-secret REFERENCE    of the job's user, which is created as well
#   --db-admin-user NAME   (admin)                  --db-job-user NAME (recsys_job); likewise
#   --db-ca FILE_OR_URL    certificates to verify the server with (the bundle of RDS)
#   --host NAME            name or IP address that the site answers to (repeatable)
#   --domain NAME          serve https for this name, certificate by certbot
#   --email ADDRESS        where the certificate authority writes to, with --domain
#   --source REPOSITORY    git address, folder or bundle to deploy from (this checkout);
#                          all paths must be absolute
#   --stack NAME           report the site's health to the alarms of this CloudFormation stack
#   --upgrade REF          deploy this commit, branch or tag; goes back if it does not work.
#                          Migrations are not undone: a version must run on newer tables.
#
# Options are remembered in /etc/recsys/.env, so later runs need none. This file installs the
# system's packages; aws_deployment/machine/ does the rest.

set -euo pipefail
umask 022

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*"; }
die() { say "error: $*" >&2; exit 1; }

usage() { sed -n '2,/^$/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }

# Called as `os_release NAME`: in a subshell, because the file sets many variables.
# shellcheck source=/dev/null
os_release() { (. /etc/os-release 2>/dev/null && eval "echo \${$1:-}") || true; }

wants_domain() { case " $* " in *" --domain "* | *" --domain="*) ;; *) return 1 ;; esac; }

need_apt() {
  local name missing=()
  for name in "$@"; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "changed: packages ${missing[*]}"
  apt_update
  apt_get install -y --no-install-recommends "${missing[@]}"
}

# A fresh machine updates itself right after boot: wait for its locks. The one on the lists makes
# apt-get fail at once, even if it is told to wait.
apt_update() {
  local try
  for try in {1..20}; do
    if apt-get -qq update >/dev/null 2>&1; then return; fi
    sleep "$((try < 10 ? 3 : 15))"
  done
  apt_get update
}

apt_get() {
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a \
    quietly apt-get -qq -o DPkg::Lock::Timeout=600 "$@"
}

# A command's output is shown only if it fails.
quietly() {
  local said
  said=$("$@" 2>&1 </dev/null) || {
    printf '%s\n' "$said" >&2
    die "$* failed, see above: mend that, then start again"
  }
}

need_dnf() {
  local name missing=()
  for name in "$@"; do
    rpm -q --quiet "$name" || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "changed: packages ${missing[*]}"
  quietly dnf install --quiet --assumeyes "${missing[@]}"
}

case " $* " in *" --help "* | *" -h "*) usage && exit 0 ;; esac
[ "$(id -u)" = 0 ] || die "not root: start it with sudo"

certbot=()
if wants_domain "$@"; then certbot=(certbot); fi

case "$(os_release ID)-$(os_release VERSION_ID)" in
  debian-1[2-9]* | ubuntu-2[4-9]*)
    need_apt ca-certificates gcc git default-libmysqlclient-dev logrotate nginx pkg-config \
      python3 python3-dev python3-venv tar unattended-upgrades "${certbot[@]}"
    python=python3
    ;;
  amzn-2023*)
    need_dnf ca-certificates dnf-automatic gcc git logrotate mariadb105-devel nginx \
      pkgconf-pkg-config python3.11 python3.11-devel shadow-utils tar util-linux "${certbot[@]}"
    python=python3.11
    ;;
  *) die "$(os_release PRETTY_NAME) is not supported: use Ubuntu 24.04, Debian 12 or Amazon Linux 2023" ;;
esac

cd "$root"
exec "$python" -B -m aws_deployment.machine "$@"
