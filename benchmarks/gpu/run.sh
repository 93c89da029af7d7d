#!/usr/bin/env bash
# Everything that needs a GPU, in one call of at most ten minutes: benchmarks/gpu/run.sh WHEELS OUTPUT [PART...]
# For a bare Linux machine with CUDA 13, Python 3.12 and no network. WHEELS: folder made by wheels.sh, elsewhere.
# OUTPUT: folder for logs and results, which are there from the first minute on. Parts, the most important first, and
# what each may take at most: facts (what the card can do), tests (all that are marked gpu), bench (gpu.py: speed and
# memory of large networks), plain (plain Brian2CUDA). Default: all. All run, whatever fails; the exit code tells.
# The networks of `bench` are made on the processor while the tests use the card. Nothing is written into the
# checkout. SECONDS_ALL=600: seconds for everything. CASES="triad_20k triad_1m": cases of gpu.py.
set -uo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
wheels=$(cd "${1:?usage: run.sh WHEELS OUTPUT [PART...]}" && pwd)
mkdir -p "${2:?usage: run.sh WHEELS OUTPUT [PART...]}"
output=$(cd "$2" && pwd)
shift 2
[ $# -gt 0 ] || set -- facts tests bench plain
for wanted in "$@"; do
  case $wanted in facts | tests | bench | plain) ;; *) echo "no such part: $wanted" >&2; exit 2 ;; esac
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
all=${SECONDS_ALL:-600}
export PATH="$PATH:/usr/local/cuda/bin" PYTHONDONTWRITEBYTECODE=1 NEUROMOD_CACHE="${NEUROMOD_CACHE:-$work/cache}" MPLBACKEND=Agg PYTEST_DISABLE_PLUGIN_AUTOLOAD=1
export NEUROMOD_TEST_CACHE="$NEUROMOD_CACHE"
failed=""

left() { echo $((all - SECONDS - 10)); }

# part NAME LIMIT COMMAND...: with its output in NAME.log and its duration on the terminal, within what is left of all
part() {
  local name=$1 limit=$2 began=$SECONDS code
  shift 2
  [ "$limit" -le "$(left)" ] || limit=$(left)
  if [ "$limit" -lt 5 ]; then
    echo "== $name: not begun, no time is left"
    failed="$failed $name"
    return
  fi
  timeout -k 5 "$limit" "$@" > "$output/$name.log" 2>&1
  code=$?
  echo "== $name: exit $code, $((SECONDS - began)) s"
  tail -n "${TAIL:-40}" "$output/$name.log"
  [ $code -eq 0 ] || failed="$failed $name"
}
wanted() { case " $parts " in *" $1 "*) ;; *) return 1 ;; esac; }

about() {
  date -u
  nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.sm,clocks.max.sm --format=csv
  nvcc --version | tail -n 2
  command -v compute-sanitizer
  g++ --version | head -n 1
  uname -srm
  grep -m 1 "model name" /proc/cpuinfo
  nproc
  free -g
  df -h "$work"
  python3 --version
  python3 -c 'import brian2, numpy, scipy, sympy; print(brian2.__version__, numpy.__version__, scipy.__version__, sympy.__version__)'
}
facts() { nvcc -std=c++17 -O3 -arch=native "$here/benchmarks/gpu/facts.cu" -o "$work/facts" && "$work/facts"; }
export -f about facts
export here work
parts="$*"

python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-index --no-deps --no-compile --no-cache-dir \
  --target "$work/site" "$wheels"/*.whl || exit 1
export PYTHONPATH="$work/site:$here${PYTHONPATH:+:$PYTHONPATH}"
cd "$here" || exit 1
part about 60 bash -c about
! wanted facts || part facts 100 bash -c facts
bench=""
if wanted bench; then
  # It waits for the card, whose lock the tests hold.
  exec 8> "$output/gpu.lock"
  ! wanted tests || flock 8
  # shellcheck disable=SC2086  # CASES: words
  timeout -k 5 "$(left)" python3 benchmarks/gpu.py "$output" --work "$work" --budget $(($(left) - 10)) ${CASES:+--cases $CASES} \
    > "$output/bench.log" 2>&1 8>&- &
  bench=$!
fi
if wanted tests; then
  # Only the files that have such tests: the others may need packages that are not there.
  mapfile -t files < <(grep -rl --include="test_*.py" "mark.gpu" tests)
  part tests 300 python3 -m pytest -m gpu -q -p xdist.plugin -p pytest_timeout -n 8 -p no:cacheprovider --durations=8 "${files[@]}"
fi
if [ -n "$bench" ]; then
  flock -u 8
  wait "$bench"
  code=$?
  echo "== bench: exit $code"
  cat "$output/bench.log"
  [ $code -eq 0 ] || failed="$failed bench"
fi
if wanted plain; then
  capability=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -n 1)
  part plain 300 python3 benchmarks/gpu_plain.py "$output" --capability "$capability" --nvcc "$(command -v nvcc)" --budget 240
fi
[ -z "$failed" ] || { echo "failed:$failed"; exit 1; }
