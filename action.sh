#!/usr/bin/env bash
# What action.yml runs: the gate, its summary for the job, and its outputs. Ends with the gate's exit code.
set -uo pipefail

words=(gate "$ASKEW_FILE" --out "$ASKEW_OUT")
[ -z "${ASKEW_MAX_COST:-}" ] || words+=(--max-cost "$ASKEW_MAX_COST")

# A verdict quotes names of files and models; nothing in it may be taken for a workflow command.
token="askew-$(node -p 'crypto.randomUUID()')"
echo "::stop-commands::$token"
node "$ASKEW_ACTION/dist/bin/askew.js" "${words[@]}"
code=$?
echo "::$token::"

case $code in
  0) outcome=pass ;;
  3) outcome=fail ;;
  4) outcome=incomplete ;;
  *) exit "$code" ;;
esac
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$ASKEW_OUT/summary.md" >>"$GITHUB_STEP_SUMMARY"
if [ -n "${GITHUB_OUTPUT:-}" ]; then
  printf 'outcome=%s\nsarif=%s\n' "$outcome" "${ASKEW_OUT//[$'\n\r']/}/findings.sarif" >>"$GITHUB_OUTPUT"
fi
if [ "$outcome" = incomplete ] && [ "${ASKEW_INCOMPLETE:-fail}" = pass ]; then exit 0; fi
exit "$code"
