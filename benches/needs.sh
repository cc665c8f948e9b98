# What a script here needs of the machine: sourced by each. What is missing is named, all at once, with what
# brings it, before anything is measured.
missing=()

needs() { # COMMAND HOW
  command -v "$1" > /dev/null || missing+=("$1: $2")
}

needs_cargo() { needs cargo 'rustup installs it with Rust'; }

needs_venv() {
  python3 -c 'import ensurepip' 2> /dev/null || missing+=("Python with venv: apt-get install python3-venv")
}

# The binary that is measured, as a whole path.
measured() { # BINARY
  if [ ! -x "$1" ]; then
    echo "there is no binary at $1: run \`cargo build --release\`, or name one" >&2
    exit 2
  fi
  binary=$(realpath "$1")
}

# Has hyperfine below target/peers, unless there is one that feeds standard input (Debian 12 has none).
with_hyperfine() {
  peers=$(realpath -m "${PUSHGATE_PEERS:-target/peers}")
  mkdir -p "$peers/bin"
  export PATH="$peers/bin:$PATH"
  hyperfine --help 2> /dev/null | grep -q -e --input \
    || cargo install --quiet --locked --root "$peers" hyperfine --version 1.20.0
}

all_there() {
  [ "${#missing[@]}" -eq 0 ] && return
  printf 'missing on this machine: %s\n' "${missing[@]}" >&2
  exit 2
}
