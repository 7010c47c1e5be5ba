#!/usr/bin/env bash
# Makes every capture in this directory anew, and what tshark says of each (tests/captures.rs holds them
# together). The captures from real kernels get new times, ports and sequence numbers each time;
# `make.sh NAME.pcapng ...` leaves them, writes the captures that have scripts, and what tshark says of
# those named.
# Needs Linux with user namespaces, gzip, zstd, lz4 and tshark 4.0 or later.
set -euo pipefail
cd "$(dirname "$0")/.."

if (($# == 0)); then
    cargo run --quiet -p synscope-lab --example record -- captures
    # What the programs did meanwhile; nothing here reads it.
    rm captures/*.calls.jsonl
fi

mkdir -p captures/twins captures/witness
# The program holds the examples of patterns: a new one has to be there before it can be built.
for script in captures/scripts/*.txt; do
    touch "captures/$(basename "$script" .txt).pcapng"
done
# Written by the test that compares them with their scripts.
SYNSCOPE_WRITE_CAPTURES=1 cargo test --quiet -p synscope --test synscope captures::scripts

cd captures
gzip --best --no-name --stdout textbook.pcapng >twins/gzip.pcapng.gz
zstd --quiet --force -19 textbook.pcapng -o twins/zstd.pcapng.zst
lz4 --quiet --force -9 textbook.pcapng twins/lz4.pcapng.lz4

if (($# == 0)); then
    rm -f witness/*
    set -- *.pcap* twins/*.pcap*
fi
fields=(frame.number frame.time_epoch tcp.seq_raw tcp.ack_raw tcp.flags icmp.type icmpv6.type
    tcp.analysis.initial_rtt)
version=$(tshark --version 2>/dev/null | head -1)
for capture in "$@"; do
    command=(tshark -n -r "$capture" -T fields "${fields[@]/#/-e}")
    {
        echo "# $version"
        echo "# ${command[*]}"
        "${command[@]}" 2>/dev/null
    } >"witness/${capture//\//-}.txt"
done
