#!/usr/bin/env bash
# Instructions and peak memory of one pre-receive run inside a real push: counted by callgrind, so that
# they repeat whatever else the machine does. Repositories of 100,000 files in two shapes, one of
# 1,000,000 files and one of 10,000 refs: the hook must cost the same in each of the same width.
# Each push is timed too, beside a program that does nothing, in one run of hyperfine, which cargo installs
# below target/peers. Needs git, valgrind and GNU time.
#   benches/pre_receive.sh [BINARY]      default: target/release/pushgate
#   KEEP=FOLDER  keep callgrind's files there;  SHAPES='20 50 0;20 500 0'  other repositories
#   RUNS=400     that many timed runs of each
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/needs.sh
needs git 'apt-get install git'
needs valgrind 'apt-get install valgrind'
needs /usr/bin/time 'apt-get install time'
needs_cargo
all_there
measured "${1:-target/release/pushgate}"
with_hyperfine
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export HOME=$folder GIT_CONFIG_NOSYSTEM=1
author='committer Ada <ada@example.com> 1767225600 +0000'

# A bare repository of TOPS folders with MIDDLES folders of 100 files each, a port.yaml, and REFS branches.
make_server() { # TOPS MIDDLES REFS SERVER
  local tops=$1 middles=$2 refs=$3 server=$4
  git init --quiet --bare --initial-branch=main "$server"
  awk -v tops="$tops" -v middles="$middles" -v author="$author" 'BEGIN {
    printf "blob\nmark :1\ndata 6\nhello\n\n"
    printf "blob\nmark :2\ndata 61\nidentifier: hello\ntitle: Hello\nblueprint: service\nteam: core\n\n"
    printf "commit refs/heads/main\n%s\ndata 3\nall\n", author
    for (top = 1; top <= tops; top++)
      for (middle = 1; middle <= middles; middle++)
        for (file = 0; file < 100; file++) printf "M 100644 :1 d%04d/e%04d/f%02d\n", top, middle, file
    printf "M 100644 :2 port.yaml\n\n"
  }' | git -C "$server" fast-import --quiet
  local main
  main=$(git -C "$server" rev-parse main)
  for ((ref = 1; ref <= refs; ref++)); do echo "create refs/heads/old/b$ref $main"; done \
    | git -C "$server" update-ref --stdin
  git -C "$server" pack-refs --all
}

# Pushes a commit that changes one file, to a branch.
count() { # NAME SERVER CLIENT BRANCH PATH CONTENT
  local name=$1 server=$2 client=$3 branch=$4 path=$5 content=$6
  cat > "$server/hooks/pre-receive" << HOOK
#!/bin/sh
cat > "$folder/updates"
/usr/bin/time -f %M -o "$folder/memory" "$binary" hook pre-receive < "$folder/updates" > /dev/null 2>&1
hyperfine -N --ignore-failure --warmup 20 --runs ${RUNS:-400} --input "$folder/updates" \\
  --export-csv "$folder/clock" true "$binary hook pre-receive" > /dev/null 2>&1
exec valgrind --tool=callgrind --callgrind-out-file="$folder/callgrind.out" --log-file="$folder/log" \\
  "$binary" hook pre-receive < "$folder/updates"
HOOK
  chmod +x "$server/hooks/pre-receive"
  printf 'commit refs/heads/main\n%s\ndata 1\nx\nfrom refs/heads/main^0\nM 100644 inline %s\ndata %s\n%s\n' \
    "$author" "$path" "${#content}" "$content" | git -C "$client" fast-import --quiet
  git -C "$client" push --quiet "$server" "main:refs/heads/$branch" 2> "$folder/said" || true
  printf '%-44s %12s %8s %8s %8s   %s\n' "$name" "$(sed -n 's/.*Collected : *//p' "$folder/log")" \
    "$(awk '{ printf "%.1f", $1 / 1024 }' "$folder/memory")" "$(over_nothing 7)" "$(over_nothing 4)" "$(sed -n 's/^remote: //p' "$folder/said" | head -1)"
  if [ -n "${KEEP:-}" ]; then cp "$folder/callgrind.out" "$KEEP/${name// /-}.callgrind"; fi
}

# Milliseconds that the hook takes over a program that does nothing, by a column of hyperfine's table.
over_nothing() { # COLUMN
  awk -F, -v column="$1" \
    'NR == 2 { nothing = $column } NR == 3 { printf "%.2f", 1000 * ($column - nothing) }' "$folder/clock"
}

printf '%-44s %12s %8s %8s %8s   %s\n' push instructions MB 'min ms' median answer
valgrind --tool=callgrind --callgrind-out-file=/dev/null "$binary" --version > /dev/null 2> "$folder/version"
printf '%-44s %12s\n' "(pushgate --version)" "$(sed -n 's/.*Collected : *//p' "$folder/version")"
IFS=';' read -ra shapes <<< "${SHAPES:-20 50 0;1000 1 0;20 500 0;20 50 10000}"
for shape in "${shapes[@]}"; do
  read -r tops middles refs <<< "$shape"
  server=$folder/server/hello.git
  client=$folder/client.git
  make_server "$tops" "$middles" "$refs" "$server"
  git clone --quiet --bare --shared "$server" "$client"
  what="$((tops * middles * 100)) files, top of $tops, $((refs + 1)) refs"
  document=$'identifier: hello\ntitle: Hello\nblueprint: service\nteam: core\nicon: Service\n'
  count "none: $what" "$server" "$client" main d0007/e0001/f42 changed
  count "one: $what" "$server" "$client" main port.yaml "$document"
  count "branch: $what" "$server" "$client" new d0007/e0001/f43 changed
  rm -rf "$server" "$client"
done
