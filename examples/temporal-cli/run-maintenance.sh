#!/bin/sh
# Switches instances over by a maintenance that someone has to approve, with nothing but Temporal's own command.
#
#   run-maintenance.sh MAINTENANCE_ID PROJECT_ID APPROVER INSTANCE_ID…
#
# Temporal is found by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the other variables of its tools. The answer of
# the command is printed as it came. Exit code: 0 every instance is done, 10 not every one, 1 anything else.
set -u
[ $# -ge 4 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
# What is given becomes part of JSON as it is.
case "$*" in *[\"\\]*) echo 'No argument may have a quote or a backslash.' >&2; exit 2 ;; esac
maintenance=$1 project=$2 approver=$3
shift 3
instances=$(printf '"%s",' "$@")
closes=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ 2> /dev/null || date -u -v+1H +%Y-%m-%dT%H:%M:%SZ)
id="dcs-maintenance:$maintenance"

temporal workflow start --type dcsMaintenance \
  --task-queue "${DCS_SWITCHOVER_TASK_QUEUE:-dcs-switchover}" \
  --workflow-id "$id" --fail-existing --task-timeout 60s \
  --input '{"maintenanceId":"'"$maintenance"'","projectId":"'"$project"'","instanceIds":['"${instances%,}"'],"toggle":true,"window":{"closesAt":"'"$closes"'"},"requireApproval":true,"maxFailures":1}' \
  > /dev/null || exit 1

# Usually another client's part. Sent twice, it changes nothing the second time. One that is refused fails with
# the reason, and the maintenance goes on as if nothing had been said.
temporal workflow update execute --workflow-id "$id" --name approve \
  --input '{"by":"'"$approver"'"}' > /dev/null || exit 1

# Where it stands meanwhile: temporal workflow query --workflow-id "$id" --type progress
answer=$(temporal workflow result --workflow-id "$id" --output json)
printf '%s\n' "$answer"

# A completed maintenance reports the outcome in its result, a failed one as the type of its failure.
if printf '%s\n' "$answer" | grep -q '"outcome": "COMPLETED"'; then exit 0; fi
# JSON writes line ends and quotes of the message in its own way; here they are what they stand for.
message=$(printf '%s\n' "$answer" | sed -n 's/^ *"message": "\(.*\)",$/\1/p' | head -n 1 | sed 's/\\"/"/g')
[ -z "$message" ] || printf '%b\n' "$message" >&2
if printf '%s\n' "$answer" | grep -q '"type": "PARTIAL"'; then exit 10; fi
exit 1
