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

# 1,000 folders of 100 files, and a port.yaml.
server=$folder/PRJ/hello.git
git init --quiet --bare --initial-branch=main "$server"
{
  printf 'blob\nmark :1\ndata 6\nhello\n\n'
  printf 'blob\nmark :2\ndata 61\nidentifier: hello\ntitle: Hello\nblueprint: service\nteam: core\n\n'
  printf 'commit refs/heads/main\ncommitter Ada <ada@example.com> 1767225600 +0000\ndata 3\nall\n'
  for d in $(seq -w 0 999); do
    for f in $(seq -w 0 99); do printf 'M 100644 :1 d%s/f%s\n' "$d" "$f"; done
  done
  printf 'M 100644 :2 port.yaml\n\n'
} | git -C "$server" fast-import --quiet
git clone --quiet "$server" "$folder/clone"
cd "$folder/clone"

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
echo changed > d500/f50; count no-document
echo 'icon: Service' >> port.yaml; count one-document
printf 'identifier: hello\ntitle: Hello\nblueprint: service\nteam: [core, web]\n' > port.yaml; count another-document
