#!/usr/bin/env bash
# Gathers the wheels of neuromod for a machine without network: wheels.sh FOLDER [PACKAGE...]
# Versions are those of constraints.txt. Without packages: those that an image with CUDA, PyTorch and the usual scientific
# packages lacks (numpy, scipy, h5py, matplotlib, sympy, pytest's plugins and their needs are taken to be there).
# `benchmarks/gpu/run.sh` installs them. Name further packages to add them: wheels.sh wheels PACKAGE
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:?usage: wheels.sh FOLDER [PACKAGE...]}
shift
limit_mib=60
needed="annotated-doc annotated-types brian2 brian2cuda execnet hypothesis iniconfig markdown-it-py mdurl packaging pluggy psutil"
needed="$needed pydantic pydantic_core pygments pytest pytest-timeout pytest-xdist rich ruamel.yaml setuptools shellingham"
needed="$needed sortedcontainers typer typing-inspection"
platforms=""
for n in 17 24 26 27 28 31 34; do platforms="$platforms --platform manylinux_2_${n}_x86_64"; done

mkdir -p "$folder"
rm -f "$folder"/*.whl
for package in $needed "$@"; do
  pinned=$(grep -i "^$package==" "$here/constraints.txt") || { echo "not in constraints.txt: $package" >&2; exit 1; }
  # shellcheck disable=SC2086  # one word per option
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --python-version 3.12 \
    --implementation cp $platforms --platform manylinux2014_x86_64 --platform manylinux1_x86_64 -d "$folder" "$pinned"
done
ls -l "$folder"
size=$(du -sm "$folder" | cut -f1)
[ "$size" -le "$limit_mib" ] || { echo "$size MiB are more than $limit_mib" >&2; exit 1; }
