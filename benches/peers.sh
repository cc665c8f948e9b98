#!/usr/bin/env bash
# `pushgate check` beside other validators, for 1, 100 and 1,000 files: the same files and the same
# schema, all tools of a size in one hyperfine run, and a program that does nothing. Prints a table for
# each. The peers are installed below target/peers when they are not there: boon, jsonschema-cli and
# hyperfine by cargo, check-jsonschema and Sourcemeta's jsonschema by pip, v8r by npm.
#   benches/peers.sh [BINARY]        default: target/release/pushgate
#   RUNS=5  that many runs of each instead of three seconds' worth;  NATIVE=1  native tools only
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/needs.sh
needs_cargo
needs_venv
[ -n "${NATIVE:-}" ] || needs npm 'apt-get install npm (Node 20 or later)'
all_there
measured "${1:-target/release/pushgate}"
with_hyperfine
command -v boon > /dev/null || cargo install --quiet --root "$peers" boon-cli --version 0.6.2
command -v jsonschema-cli > /dev/null || cargo install --quiet --root "$peers" jsonschema-cli --version 0.60.2
if [ ! -x "$peers/venv/bin/check-jsonschema" ]; then
  python3 -m venv "$peers/venv"
  "$peers/venv/bin/pip" install --quiet check-jsonschema==0.39.0 sourcemeta-jsonschema==17.3.0
fi
# The wheel holds a program for each system behind a script in Python: the program itself is measured.
sourcemeta=$(echo "$peers"/venv/lib/python3*/site-packages/sourcemeta_jsonschema/"jsonschema-linux-$(uname -m | sed s/aarch64/arm64/)")
[ -n "${NATIVE:-}" ] || [ -x "$peers/npm/node_modules/.bin/v8r" ] \
  || npm install --silent --no-audit --no-fund --prefix "$peers/npm" v8r@6.1.0

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
mkdir "$folder/hundred"
cp "$folder"/entities/{0001..0100}.yaml "$folder/hundred"
schema=$(realpath benches/port-one-of.schema.json)
cat > "$folder/pushgate.yaml" << CONFIG
kinds: [{ name: entities, files: ["entities/*.yaml"], schema: $schema }]
CONFIG
echo "$(cat "$folder"/entities/*.yaml | wc -c) bytes in 1,000 files; $(nproc) cores"
cd "$folder"

# FILES is what hands a tool all files of the size: pushgate and Sourcemeta take the folder as well.
compare() { # NAME FOLDER FILES
  local name=$1 folder=$2 files=$3
  local names=(true "pushgate, same schema" "pushgate, kind port" boon jsonschema-cli sourcemeta)
  local tools=(true
    "$binary --config pushgate.yaml check --kind entities $folder"
    "$binary check --kind port $folder"
    "boon -q $schema $files"
    "jsonschema-cli validate $schema --offline --errors-only -i $files"
    "$sourcemeta validate --fast $schema $folder")
  if [ -z "${NATIVE:-}" ]; then
    names+=(check-jsonschema v8r)
    tools+=("$peers/venv/bin/check-jsonschema --quiet --schemafile $schema $files"
      "$peers/npm/node_modules/.bin/v8r --schema $schema $files")
  fi
  local commands=()
  for index in "${!tools[@]}"; do
    ${tools[$index]} > /dev/null 2>&1 || { echo "not accepted: ${tools[$index]}"; exit 1; }
    commands+=(-n "${names[$index]}" "${tools[$index]}")
  done
  hyperfine -N --warmup 3 ${RUNS:+--runs "$RUNS"} --export-json "$name.json" "${commands[@]}" > /dev/null 2>&1
  python3 - "$name.json" "$name" << 'PRINT'
import json, sys
results = json.load(open(sys.argv[1]))["results"]
ours = results[1]
print(f"\n| {sys.argv[2]} | min ms | median ms | times ours | peak MB |\n|---|---|---|---|---|")
for result in results:
    low, middle = (1000 * result[key] for key in ("min", "median"))
    memory = max(result["memory_usage_byte"]) / 2**20
    print(f"| {result['command']} | {low:.2f} | {middle:.2f} | {result['min'] / ours['min']:.2f} | {memory:.1f} |")
PRINT
}
compare "1 file" entities/0001.yaml entities/0001.yaml
compare "100 files" hundred "$(echo hundred/*)"
compare "1,000 files" entities "$(echo entities/*)"
