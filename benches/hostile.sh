#!/usr/bin/env bash
# Time and peak memory of `pushgate check` on documents made to be slow. Needs GNU time.
#   benches/hostile.sh [BINARY]      default: target/release/pushgate
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/needs.sh
needs /usr/bin/time 'apt-get install time'
needs_cargo
all_there
measured "${1:-target/release/pushgate}"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cargo run --quiet --release --example hostile -- "$folder"
printf '%-28s %10s %9s %8s   %s\n' document bytes ms MB answer
measure() { # NAME FILE KIND
  local name=$1 file=$2 kind=$3
  best=999999 memory=0
  for _ in 1 2 3 4 5; do
    start=$(date +%s%N)
    /usr/bin/time -f %M -o "$folder/memory" "$binary" check --kind "$kind" --color never "$file" > "$folder/said" 2>&1 || true
    elapsed=$(( ($(date +%s%N) - start) / 10000 ))
    if [ "$elapsed" -lt "$best" ]; then best=$elapsed; fi
    kilobytes=$(tail -1 "$folder/memory")
    if [ "$kilobytes" -gt "$memory" ]; then memory=$kilobytes; fi
  done
  printf '%-28s %10s %9s %8s   %s\n' "$name" "$(stat -c %s "$file")" \
    "$(awk "BEGIN{printf \"%.1f\", $best/100}")" "$(awk "BEGIN{printf \"%.1f\", $memory/1024}")" \
    "$(sed -n 's/^.*: error\[\([^]]*\)\].*/\1/p' "$folder/said" | head -1)"
}
for file in "$folder"/*.yaml; do
  measure "$(basename "$file" .yaml)" "$file" port
done
for own in "$folder"/kinds/*; do
  cd "$own"
  measure "$(basename "$own")" a.yaml own
done
