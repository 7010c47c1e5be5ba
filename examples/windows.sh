#!/usr/bin/env bash
# Reads a long capture on one machine with many cores, window by window:
#
#   windows.sh OUT FROM TO SECONDS JOBS FILE|FOLDER...
#   windows.sh out 2026-11-26T00:00:00Z 2026-11-27T00:00:00Z 3600 16 /captures
#
# It prints the windows and leaves a file of JSON lines for each in OUT. A file is there when it is
# complete; windows that have one are not read again. What FROM and TO leave out is in the first and the
# last window. docs/archives.md explains it.
set -euo pipefail

(($# >= 6)) || { sed -n 's/^#   //p' "$0" >&2; exit 2; }
out=$1 from=$(date -ud "$2" +%s) to=$(date -ud "$3" +%s) length=$4 jobs=$5
shift 5
((length > 0)) || { echo "$length is no length in seconds" >&2; exit 2; }
synscope=${SYNSCOPE:-synscope}
command -v "$synscope" >/dev/null || { echo "there is no $synscope: name it with SYNSCOPE" >&2; exit 2; }
mkdir -p "$out"

# The windows that are not there yet.
windows() {
    local bounds=('') end at window
    for ((end = from + length; end < to; end += length)); do
        bounds+=("$(date -ud "@$end" +%Y-%m-%dT%H:%M:%SZ)")
    done
    for ((at = 0; at < ${#bounds[@]}; at++)); do
        window=${bounds[at]}..${bounds[at + 1]-}
        [[ -e $out/window$window.jsonl ]] || echo "$window"
    done
}

# synscope replaces a file only when the new one is complete.
windows | tee >(cat >&2) | xargs -P "$jobs" -I '{}' "$synscope" replay --recursive --quiet \
    --format jsonl --started-in='{}' --output="$out/window{}.jsonl" "$@"
