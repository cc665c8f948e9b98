#!/usr/bin/env bash
# What a sweep costs: Port's own script and `pushgate sync` in the same run on the same stand-ins (10
# projects of 100 repositories, 5 ms an answer, 2,400 entities), then sweeps of 1,000, 5,000 and 10,000
# repositories. The script is taken from the documents beside the repository; without them only the
# sweep runs.
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/needs.sh
needs_cargo
needs_venv
all_there
if [ ! -x target/port-script/bin/python ]; then
  python3 -m venv target/port-script
  target/port-script/bin/python -m pip install --quiet httpx pyyaml python-decouple loguru pydantic
fi
cargo bench --bench sync
