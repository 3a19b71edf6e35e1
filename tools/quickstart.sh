#!/bin/sh
# Builds Switchyard, then takes the bundled digits checkpoint to an int8 ONNX model and asks that
# model about an image it has not seen. Installs what is missing first (Debian 12, as root).
set -eu
cd "$(dirname "$0")/.."
tools/setup.sh
cmake --preset release -DSWITCHYARD_BUILD_TESTS=OFF > /dev/null
cmake --build --preset release --target switchyard switchyard_stages
program=build/release/tools/switchyard/switchyard
model=examples/digits-resnet
out=out/digits-resnet

echo
echo "\$ switchyard build -m $model -o $out --calibration $model/data/calibration --overwrite"
"$program" build -m "$model" -o "$out" --calibration "$model/data/calibration" --overwrite

image=$(find "$model/data/test/7" -name '*.png' | sort | head -n 1)
echo
echo "\$ switchyard run -m $out $image"
"$program" run -m "$out" "$image"

echo
echo "Built in $out:"
(cd "$out" && ls -l ./*.onnx ./*.json | awk '{printf "  %9d  %s\n", $5, $9}')
