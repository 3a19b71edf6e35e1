#!/bin/sh
# Builds Switchyard and runs every test. Installs what is missing first (Debian 12, as root).
# PRESET chooses the CMake preset (release, debug, asan); further arguments go to ctest.
set -eu
cd "$(dirname "$0")/.."
tools/setup.sh
preset=${PRESET:-release}
cmake --preset "$preset" -DSWITCHYARD_BUILD_TESTS=ON > "build-$preset.log" 2>&1 || { cat "build-$preset.log"; exit 1; }
rm -f "build-$preset.log"
cmake --build --preset "$preset"
ctest --preset "$preset" -j "$(nproc)" "$@"
