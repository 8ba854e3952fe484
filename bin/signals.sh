# Sourced by setup.sh: a script that is interrupted says so in one line, and leaves nothing running.
#
#   hearing COMMAND...     a command that hears the signals that end this script
#   beside COMMAND...      one that goes on beside the script, and ends with it
#
# child_speaks=yes: such a command has a line of its own for that, and none is added.

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

# SIGTERM for the child in any case: a shell lets its background jobs ignore SIGINT.
interrupted() {
  trap '' HUP INT TERM
  local told=no
  if [ -n "$child" ]; then
    told=$child_speaks
    kill "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  [ "$told" = yes ] || say "error: interrupted by SIG$1"
  exit "$2"
}
trap 'interrupted HUP 129' HUP
trap 'interrupted INT 130' INT
trap 'interrupted TERM 143' TERM
