#!/usr/bin/env bash
# Reads a long capture on one machine with many cores, window by window:
#
#   windows.sh OUT FROM TO SECONDS JOBS FILE|FOLDER...
#   windows.sh out 2026-11-26T00:00:00Z 2026-11-27T00:00:00Z 3600 16 /captures
#
# It prints the windows and leaves a file of JSON lines for each in OUT. A file is there when its window is
# complete; windows that have one are not read again. What FROM and TO leave out is in the first and the
# last window. The exit code is 2 if a window is missing at the end, and 3 if a file is damaged in a window
# that was read by this start: what comes before the damage counts. docs/archives.md explains it.
set -euo pipefail

fail() { echo "windows.sh: $1" >&2; exit 2; }

# The seconds since 1970 of a time.
seconds() {
    # An empty word would be midnight of today.
    if [[ -z $1 ]] || ! date -ud "$1" +%s 2>/dev/null; then
        fail "'$1' is no time: write it as 2026-11-26T00:00:00Z"
    fi
}

(($# >= 6)) || { sed -n 's/^#   //p' "$0" >&2; exit 2; }
out=$1 length=$4 jobs=$5
from=$(seconds "$2")
to=$(seconds "$3")
((from < to)) || fail "$3 is not after $2: the earlier time comes first"
[[ $length =~ ^[1-9][0-9]{0,9}$ ]] || fail "'$length' is no length in seconds: write 3600 for an hour"
[[ $jobs =~ ^[1-9][0-9]{0,5}$ ]] || fail "'$jobs' is no number of windows to read at once: write 1 or more"
shift 5
synscope=${SYNSCOPE:-synscope}
command -v "$synscope" >/dev/null || fail "there is no $synscope: name it with SYNSCOPE"
mkdir -p "$out"

bounds=('')
for ((end = from + length; end < to; end += length)); do
    TZ=UTC printf -v bound '%(%Y-%m-%dT%H:%M:%SZ)T' "$end"
    bounds+=("$bound")
done
declare -A files
for ((at = 0; at < ${#bounds[@]}; at++)); do
    window=${bounds[at]}..${bounds[at + 1]-}
    files[$out/window$window.jsonl]=$window
done
# Windows of another division would tell attempts twice.
for file in "$out"/window*.jsonl; do
    [[ ! -e $file || -n ${files[$file]-} ]] ||
        fail "$file is of other times or another length: give the same again, or name another folder than $out"
done

# The windows that are not there yet.
missing() {
    local file
    for file in "${!files[@]}"; do
        [[ -e $file ]] || echo "${files[$file]}"
    done | sort
}

# Reads a window. If an input could not be read, the window stays missing, so that the next start reads it.
read_window() {
    local file=$out/window$1 code=0
    "$synscope" replay --recursive --quiet --format jsonl --started-in="$1" --output="$file.part" \
        -- "${@:2}" || code=$?
    case $code in
    0 | 3) mv "$file.part" "$file.jsonl" ;;
    *) rm -f "$file.part" ;;
    esac
    return "$code"
}
export -f read_window
export out synscope

code=0
# shellcheck disable=SC2016  # the shell of each window expands it
missing | tee >(cat >&2) | xargs -P "$jobs" -I '{}' bash -c 'read_window "$@"' read_window '{}' "$@" || code=$?
left=$(missing | wc -l)
((left == 0)) || fail "$left windows are missing: mend what is said above, then start it again"
((code == 0)) || exit 3
