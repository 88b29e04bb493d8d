#!/bin/sh
# Switches one instance over and says how that ended, with nothing but Temporal's own command.
#
#   switch-over.sh PROJECT_ID INSTANCE_ID ZONE REQUEST_ID
#
# Temporal is found by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the other variables of its tools. The answer of
# the command is printed as it came. Exit code: 0 the master is in ZONE, 3 refused, 6 unknown, 1 anything else.
set -u
[ $# -eq 4 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
# What is given becomes part of JSON as it is.
case "$*" in *[\"\\]*) echo 'No argument may have a quote or a backslash.' >&2; exit 2 ;; esac
project=$1 instance=$2 zone=$3 request=$4

# The id is the lock: one open run per instance. Without --fail-existing the command would join the open run,
# whatever that one was asked. No timeout and no retry policy: a run with either is INVALID_INPUT.
answer=$(temporal workflow execute --type dcsSwitchover \
  --task-queue "${DCS_SWITCHOVER_TASK_QUEUE:-dcs-switchover}" \
  --workflow-id "dcs-switchover:$project:$instance" --fail-existing \
  --input '{"projectId":"'"$project"'","instanceId":"'"$instance"'","target":{"availabilityZone":"'"$zone"'"},"requestId":"'"$request"'"}' \
  --output json)
printf '%s\n' "$answer"

# Without an answer another run of the instance is open, and nothing was started; or the connection was lost, and
# the same REQUEST_ID asks again. Standard error says which.
[ -n "$answer" ] || exit 1

# A completed run reports the outcome in its result, a failed one as the type of its failure.
outcome() { printf '%s\n' "$answer" | grep -Eq '"(outcome|type)": "'"$1"'"'; }
if outcome '(SUCCEEDED|NOOP)'; then exit 0; fi
# JSON writes line ends and quotes of the message in its own way; here they are what they stand for.
message=$(printf '%s\n' "$answer" | sed -n 's/^ *"message": "\(.*\)",$/\1/p' | head -n 1 | sed 's/\\"/"/g')
[ -z "$message" ] || printf '%b\n' "$message" >&2
if outcome REFUSED; then exit 3; fi
if outcome '(FAILED_UNCHANGED|COMPENSATED|INVALID_INPUT)'; then exit 1; fi
if printf '%s\n' "$answer" | grep -q '"status": "CANCELED"'; then exit 1; fi
exit 6 # UNKNOWN, and every end without a result: do not switch again.
