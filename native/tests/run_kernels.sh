#!/usr/bin/env bash
# Compiles compare_kernels.cpp with one instruction set's flags and runs it.
#   native/tests/run_kernels.sh [COMPILER [RUNNER [FLAGS...]]]
# Without arguments: this machine's compiler, 128-bit vectors (the width of NEON).
set -euo pipefail
cd "$(dirname "$0")/../.."
compiler=${1:-g++}
runner=${2:-}
flags=("${@:3}")
if [ $# -eq 0 ]; then flags=(-msse4.2 -maes -mpclmul); fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$compiler" -std=c++20 -O2 -ffp-contract=off -DHWY_COMPILE_ONLY_STATIC "${flags[@]}" \
  -I native -isystem node_modules/@img/sharp-libvips-dev/include -static -o "$folder/compare" \
  native/tests/compare_kernels.cpp native/kernels/resample_u8_scalar.cpp native/ops/resample_axis.cpp
$runner "$folder/compare"
