# Sourced by setup.sh: an interrupted script says so in one line, and leaves nothing running.
#
#   hearing COMMAND...     run a command that gets the signals that end this script
#   beside COMMAND...      run one in the background, which ends with the script
#
# child_speaks=yes: the command prints its own line about the signal, and none is added.

child='' beside='' child_speaks=no
hearing() {
  "$@" &
  child=$!
  wait "$child" && code=0 || code=$?
  child=''
  return "$code"
}

beside() {
  "$@" &
  beside=$!
  trap 'kill "$beside" 2>/dev/null && wait "$beside" || true' EXIT
}

# The child always gets SIGTERM: a shell lets its background jobs ignore SIGINT.
interrupted() {
  trap '' HUP INT TERM
  local reported=no
  if [ -n "$child" ]; then
    reported=$child_speaks
    kill "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  [ "$reported" = yes ] || say "error: interrupted by SIG$1"
  exit "$2"
}
trap 'interrupted HUP 129' HUP
trap 'interrupted INT 130' INT
trap 'interrupted TERM 143' TERM
