#!/bin/sh
# What is worth measuring on a GPU, within 8 minutes: `sh benchmarks/gpu.sh [cuda|cpu] [python]`; on a CPU it shows only
# that it runs.
set -eu
device=${1:-cuda} python=${2:-python} here=$(dirname "$0")
"$python" "$here/resumed.py" --device="$device"
"$python" "$here/kernels.py" --device="$device"
"$python" "$here/step.py" --device="$device" --rounds=5 --batches=200
"$python" "$here/variants.py" --device="$device" --rounds=3
