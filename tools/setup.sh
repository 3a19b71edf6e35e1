#!/bin/sh
# Installs what building and testing Switchyard needs on Debian 12, as root. Does nothing where
# everything is there. ONNX Runtime is unpacked under .deps/onnxruntime, not installed:
#   headers  from Debian's libonnxruntime-dev (a later suite than bookworm; downloaded, unpacked)
#   library  from the npm package onnxruntime-node
set -eu
cd "$(dirname "$0")/.."
root=$PWD
deps=$root/.deps/onnxruntime

say() { printf 'setup: %s\n' "$*" >&2; }

packages="g++ cmake ninja-build ccache mold pkg-config git ca-certificates
  libyaml-cpp-dev nlohmann-json3-dev libonnx-dev libprotobuf-dev protobuf-compiler libre2-dev
  libspdlog-dev libfmt-dev libcli11-dev libpng-dev libturbojpeg0-dev libssl-dev libcurl4-openssl-dev libgtest-dev libgmock-dev
  libbenchmark-dev nodejs python3 python3-jsonschema python3-numpy"
command -v npm >/dev/null 2>&1 || packages="$packages npm"
command -v node >/dev/null 2>&1 && packages=$(printf '%s' "$packages" | sed 's/ nodejs / /')

missing=
for package in $packages; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
    missing="$missing $package"
done
if [ -n "$missing" ]; then
  say "installing:$missing"
  apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

if [ ! -e /usr/include/onnxruntime/onnxruntime_cxx_api.h ] && [ ! -e "$deps/include/.complete" ]; then
  say "unpacking ONNX Runtime's headers (libonnxruntime-dev)"
  work=$(mktemp -d)
  # The machine's own Debian source with only the suite's name changed: same mirror, same key.
  mkdir -p "$work/lists/partial" "$work/sources" "$work/cache/archives/partial"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources; do
    [ -s "$file" ] || continue
    case $file in
      *.sources) sed -e 's/^Suites:.*bookworm.*/Suites: trixie/' "$file" > "$work/sources/later.sources" ;;
      *) grep '^deb .* bookworm ' "$file" | sed 's/ bookworm / trixie /' > "$work/sources/later.list" ;;
    esac
  done
  options="-o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=$work/sources
    -o Dir::State::Lists=$work/lists -o Dir::Cache=$work/cache -o APT::Sandbox::User=root"
  # shellcheck disable=SC2086
  apt-get $options update -qq >/dev/null 2>&1 || true
  # shellcheck disable=SC2086
  (cd "$work" && apt-get $options download -qq libonnxruntime-dev >/dev/null)
  mkdir -p "$work/tree" "$deps/include"
  dpkg-deb -x "$work"/libonnxruntime-dev_*.deb "$work/tree"
  header=$(find "$work/tree" -name onnxruntime_cxx_api.h | head -n 1)
  [ -n "$header" ] || { say "libonnxruntime-dev holds no onnxruntime_cxx_api.h"; exit 1; }
  cp "$(dirname "$header")"/*.h "$deps/include/"
  touch "$deps/include/.complete"
  rm -rf "$work"
fi

if [ ! -e "$deps/lib/.complete" ]; then
  say "fetching ONNX Runtime's library (npm onnxruntime-node)"
  work=$(mktemp -d)
  (cd "$work" && printf '{"private":true}' > package.json &&
    npm install --silent --no-audit --no-fund --ignore-scripts onnxruntime-node@1.30.0 >/dev/null)
  case $(uname -m) in aarch64) arch=arm64 ;; *) arch=x64 ;; esac
  library=$(find "$work" -path "*linux/$arch/libonnxruntime.so.1" | head -n 1)
  [ -n "$library" ] || { say "onnxruntime-node holds no Linux $arch library"; exit 1; }
  mkdir -p "$deps/lib"
  cp "$library" "$deps/lib/libonnxruntime.so.1"
  # Node finds the package here (NODE_PATH) for tools that compare against it.
  rm -rf "$deps/node_modules"
  mv "$work/node_modules" "$deps/node_modules"
  touch "$deps/lib/.complete"
  rm -rf "$work"
fi
