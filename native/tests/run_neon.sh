#!/usr/bin/env bash
# The NEON kernels under emulation: needs g++-aarch64-linux-gnu and qemu-user.
exec "$(dirname "$0")/run_kernels.sh" aarch64-linux-gnu-g++ qemu-aarch64
