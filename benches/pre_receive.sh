#!/usr/bin/env bash
# Instructions of one pre-receive run in a repository of 100,000 files, counted by callgrind inside
# a real push: repeatable to the digit, whatever else the machine does. Needs git and valgrind.
#   benches/pre_receive.sh [BINARY]      default: target/release/pushgate
set -euo pipefail
cd "$(dirname "$0")/.."
binary=$(realpath "${1:-target/release/pushgate}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export HOME=$folder GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.com GIT_AUTHOR_DATE=2026-01-01T00:00:00Z
export GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.com GIT_COMMITTER_DATE=2026-01-01T00:00:00Z

# 100,000 files and a port.yaml; the top folder has as many folders as the shape says.
make_server() {
  local tops=$1 middles=$2 server=$3
  git init --quiet --bare --initial-branch=main "$server"
  {
    printf 'blob\nmark :1\ndata 6\nhello\n\n'
    printf 'blob\nmark :2\ndata 61\nidentifier: hello\ntitle: Hello\nblueprint: service\nteam: core\n\n'
    printf 'commit refs/heads/main\ncommitter Ada <ada@example.com> 1767225600 +0000\ndata 3\nall\n'
    for top in $(seq -w 1 "$tops"); do
      for middle in $(seq -w 1 "$middles"); do
        for file in $(seq -w 0 99); do printf 'M 100644 :1 d%s/e%s/f%s\n' "$top" "$middle" "$file"; done
      done
    done
    printf 'M 100644 :2 port.yaml\n\n'
  } | git -C "$server" fast-import --quiet
}

count() {
  local name=$1 out=$folder/out
  printf '#!/bin/sh\nexec valgrind --tool=callgrind --callgrind-out-file=%s/%s.callgrind --log-file=%s.%%p "%s" hook pre-receive\n' \
    "$folder" "$name" "$out" "$binary" > "$server/hooks/pre-receive"
  chmod +x "$server/hooks/pre-receive"
  git add --all
  git commit --quiet --message "$name"
  git push --quiet origin HEAD:main 2> "$folder/said"
  local instructions
  instructions=$(sed -n 's/.*Collected : *//p' "$out".* | head -1)
  rm -f "$out".*
  printf '%-28s %12s   %s\n' "$name" "$instructions" "$(sed -n 's/^remote: //p' "$folder/said" | head -1)"
  if [ -n "${KEEP:-}" ]; then cp "$folder/$name.callgrind" "$KEEP"; fi
}

printf '%-28s %12s   %s\n' push instructions answer
valgrind --tool=callgrind --callgrind-out-file=/dev/null "$binary" --version > /dev/null 2> "$folder/version"
printf '%-28s %12s\n' "(pushgate --version)" "$(sed -n 's/.*Collected : *//p' "$folder/version")"
for shape in '20 50' '1000 1'; do
  read -r tops middles <<< "$shape"
  server=$folder/$tops/hello.git
  make_server "$tops" "$middles" "$server"
  git clone --quiet "$server" "$folder/clone$tops"
  cd "$folder/clone$tops"
  changed=$(git ls-files | sed -n 50000p)
  echo changed > "$changed"; count "no-document-$tops"
  echo 'icon: Service' >> port.yaml; count "one-document-$tops"
  cd - > /dev/null
done
