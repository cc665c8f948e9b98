#!/usr/bin/env bash
# `pushgate check` beside the native peers, in one hyperfine run: the same files, the same schema.
# Installs the peers by name below target/peers when they are not there.
#   benches/peers.sh [BINARY]        default: target/release/pushgate
set -euo pipefail
cd "$(dirname "$0")/.."
binary=$(realpath "${1:-target/release/pushgate}")
peers=${PUSHGATE_PEERS:-target/peers}
export PATH="$(mkdir -p "$peers" && realpath "$peers")/bin:$PATH"
command -v boon > /dev/null || cargo install --quiet --root "$peers" boon-cli --version 0.6.2
command -v jsonschema-cli > /dev/null || cargo install --quiet --root "$peers" jsonschema-cli --version 0.60.2
command -v hyperfine > /dev/null || cargo install --quiet --locked --root "$peers" hyperfine --version 1.20.0

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/entities"
awk -v folder="$folder/entities" 'BEGIN {
  for (i = 1; i <= 1000; i++) {
    file = sprintf("%s/%04d.yaml", folder, i)
    printf "# Entities of service %04d\n- identifier: service-%04d\n  title: Service %04d\n  blueprint: service\n  team: [platform, payments]\n  icon: Microservice\n  properties:\n    language: go\n    tier: %d\n    url: https://service-%04d.example.com/\n    description: |\n      Takes orders, keeps them, and tells the warehouse.\n      Runs in three zones.\n    labels: [public, critical, \"tier-%d\"]\n    on_call: team-%d@example.com\n    limits: {cpu: 500m, memory: 512Mi}\n  relations:\n    domain: commerce\n    depends_on:\n      - service-%04d\n      - service-%04d\n- identifier: service-%04d-database\n  title: Database of service %04d\n  blueprint: database\n  properties:\n    engine: postgres\n    version: \"16.%d\"\n  relations:\n    service: service-%04d\n", i, i, i, i % 4, i, i % 4, i % 9, (i + 1) % 1000, (i + 7) % 1000, i, i, i % 7, i > file
    close(file)
  }
}'
schema=benches/port-one-of.schema.json
cat > "$folder/pushgate.yaml" << CONFIG
kinds: [{ name: entities, files: ["entities/*.yaml"], schema: $(realpath "$schema") }]
CONFIG
bytes=$(cat "$folder"/entities/*.yaml | wc -c)
echo "1000 files, $bytes bytes, $(nproc) cores"
own="$binary --config $folder/pushgate.yaml check --kind entities"
built_in="$binary check --kind port"
one="$folder/entities/0001.yaml"
for tool in "$own $one" "$built_in $one" "boon -q $schema $one" "jsonschema-cli validate $schema --offline --errors-only -i $one"; do
  $tool > /dev/null || { echo "not accepted: $tool"; exit 1; }
done
echo "== one file"
hyperfine -N --warmup 20 --runs "${RUNS:-200}" --export-json "$folder/one.json" \
  -n "pushgate, same schema" "$own $one" \
  -n "pushgate, kind port" "$built_in $one" \
  -n boon "boon -q $schema $one" \
  -n jsonschema-cli "jsonschema-cli validate $schema --offline --errors-only -i $one" > /dev/null
echo "== 1000 files"
all=$(echo "$folder"/entities/*.yaml)
hyperfine -N --warmup 3 --runs "${RUNS:-40}" --export-json "$folder/thousand.json" \
  -n "pushgate, same schema" "$own $folder/entities" \
  -n "pushgate, kind port" "$built_in $folder/entities" \
  -n boon "boon -q $schema $all" \
  -n jsonschema-cli "jsonschema-cli validate $schema --offline --errors-only -i $all" > /dev/null
for table in one thousand; do
  echo "== $table: milliseconds min, median, max"
  python3 - "$folder/$table.json" << 'PRINT'
import json, sys
for result in json.load(open(sys.argv[1]))["results"]:
    times = [1000 * result[key] for key in ("min", "median", "max")]
    print(f"{result['command']:24}" + "".join(f"{time:10.2f}" for time in times))
PRINT
done
