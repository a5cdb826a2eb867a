#!/usr/bin/env bash
# Runs once, when Gradescope builds the image: an environment with the libraries that marking needs.
set -euo pipefail
source=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

python=""
for name in python3 python3.14 python3.13 python3.12 python3.11; do
  if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    python=$(command -v "$name")
    break
  fi
done
if [ -z "$python" ]; then
  # Ubuntu 22.04, the usual image, comes with 3.10.
  apt-get update
  apt-get install -y python3.11 python3.11-venv
  python=$(command -v python3.11)
fi

"$python" -m venv "$source/environment"
"$source/environment/bin/python" -m pip install --quiet --disable-pip-version-check -r "$source/requirements.txt"
# What doesn't fit together is better known now than with the first hand-in.
PYTHONPATH="$source/packages" "$source/environment/bin/python" -P -m gradsheet.export.gradescope_marking --ready "$source"
