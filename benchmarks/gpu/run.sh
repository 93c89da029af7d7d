#!/usr/bin/env bash
# Everything that needs a GPU, in one go: benchmarks/gpu/run.sh WHEELS OUTPUT [PART...]
# For a bare Linux machine with CUDA 13, Python 3.12 and no network. WHEELS: folder made by wheels.sh, elsewhere.
# OUTPUT: folder for logs and results. Parts: facts tests bench (default: all); each has a time limit and all run,
# whatever fails; the exit code tells. Nothing is written into the checkout. SCALES="1 10": sizes of the networks.
set -uo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
wheels=$(cd "${1:?usage: run.sh WHEELS OUTPUT [PART...]}" && pwd)
mkdir -p "${2:?usage: run.sh WHEELS OUTPUT [PART...]}"
output=$(cd "$2" && pwd)
shift 2
[ $# -gt 0 ] || set -- facts tests bench
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PATH="$PATH:/usr/local/cuda/bin" PYTHONDONTWRITEBYTECODE=1 NEUROMOD_CACHE="${NEUROMOD_CACHE:-$work/cache}" MPLBACKEND=Agg PYTEST_DISABLE_PLUGIN_AUTOLOAD=1
export NEUROMOD_TEST_CACHE="$NEUROMOD_CACHE"
failed=""

# part NAME SECONDS COMMAND...: with its output in NAME.log and its duration on the terminal
part() {
  local name=$1 limit=$2 began=$SECONDS code
  shift 2
  timeout "$limit" "$@" > "$output/$name.log" 2>&1
  code=$?
  echo "== $name: exit $code, $((SECONDS - began)) s"
  tail -n "${TAIL:-40}" "$output/$name.log"
  [ $code -eq 0 ] || failed="$failed $name"
}

about() {
  date -u
  nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.sm,clocks.max.sm --format=csv
  nvcc --version | tail -n 2
  g++ --version | head -n 1
  uname -srm
  grep -m 1 "model name" /proc/cpuinfo
  nproc
  python3 --version
  python3 -c 'import brian2, numpy, scipy, sympy; print(brian2.__version__, numpy.__version__, scipy.__version__, sympy.__version__)'
}
facts() { nvcc -std=c++17 -O3 -arch=native "$here/benchmarks/gpu/facts.cu" -o "$work/facts" && "$work/facts"; }
export -f about facts
export here work

python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-index --no-deps --no-compile --no-cache-dir \
  --target "$work/site" "$wheels"/*.whl || exit 1
export PYTHONPATH="$work/site:$here${PYTHONPATH:+:$PYTHONPATH}"
cd "$here" || exit 1
part about 60 bash -c about
for wanted in "$@"; do
  case $wanted in
    facts) part facts 120 bash -c facts ;;
    tests)
      # Only the files that have such tests: the others may need packages that are not there.
      mapfile -t files < <(grep -rl --include="test_*.py" "mark.gpu" tests)
      part tests 300 python3 -m pytest -m gpu -q -p xdist.plugin -p pytest_timeout -n 8 -p no:cacheprovider --durations=8 "${files[@]}" ;;
    bench)
      for script in benchmarks/gpu/bench_*.py; do
        # shellcheck disable=SC2086  # SCALES: sizes to measure, words
        [ ! -e "$script" ] || part "$(basename "$script" .py)" 300 python3 "$script" "$output" ${SCALES:-}
      done ;;
    *) echo "no such part: $wanted" >&2; exit 2 ;;
  esac
done
[ -z "$failed" ] || { echo "failed:$failed"; exit 1; }
