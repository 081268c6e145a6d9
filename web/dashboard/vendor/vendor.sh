#!/usr/bin/env bash
# Fetches the vendored libraries anew from their npm packages. Run it by hand to change a version;
# what it writes is committed, and nothing is fetched when Stagewatch is installed or run.
#
# A browser knows no bare import ("preact") without an import map, and the page's policy forbids
# inline ones. So imports between the libraries become relative; .mjs becomes .js, and references to
# source maps are cut. What else is changed is said where it is done.
set -euo pipefail
cd "$(dirname "$0")"

PREACT=11.2.0
SIGNALS=2.11.4
SIGNALS_CORE=1.14.5
UPLOT=1.6.32
MSGPACK=3.1.3

fetched=$(mktemp -d)
trap 'rm -rf "$fetched"' EXIT

fetch() { # package, version, folder
  local archive
  archive=$(cd "$fetched" && npm pack --silent "$1@$2")
  mkdir -p "$fetched/$3"
  tar -xzf "$fetched/$archive" -C "$fetched/$3" --strip-components=1
}

place() { # from, to: with relative imports and without source map
  mkdir -p "$(dirname "$2")"
  sed -E -e '/^\/\/# sourceMappingURL=/d' \
    -e 's#(from ?")preact/hooks"#\1../preact/hooks.js"#g' \
    -e 's#(from ?")preact"#\1../preact/preact.js"#g' \
    -e 's#(from ?")@preact/signals-core"#\1./signals-core.js"#g' \
    -e "s#(from ')(\.\./\.\./src/index|\./index)'#\1./preact.js'#g" \
    -e "s#(from ')preact'#\1../preact/preact.js'#g" \
    -e 's#(from "\./[A-Za-z0-9/]+)\.(mjs|ts)"#\1.js"#g' \
    -e 's#(from "\.\./[A-Za-z0-9/]+)\.(mjs|ts)"#\1.js"#g' \
    "$1" >"$2"
}

rm -rf preact signals uplot msgpack
fetch preact "$PREACT" preact
fetch @preact/signals "$SIGNALS" signals
fetch @preact/signals-core "$SIGNALS_CORE" signals-core
fetch uplot "$UPLOT" uplot
fetch @msgpack/msgpack "$MSGPACK" msgpack

place "$fetched/preact/dist/preact.mjs" preact/preact.js
place "$fetched/preact/src/index.d.ts" preact/preact.d.ts
place "$fetched/preact/src/jsx.d.ts" preact/jsx.d.ts
place "$fetched/preact/src/dom.d.ts" preact/dom.d.ts
place "$fetched/preact/hooks/dist/hooks.mjs" preact/hooks.js
place "$fetched/preact/hooks/src/index.d.ts" preact/hooks.d.ts
# The hooks' own module imports "preact" from beside it here.
sed -i 's#"\.\./preact/preact\.js"#"./preact.js"#' preact/hooks.js
cp "$fetched/preact/LICENSE" preact/LICENSE

place "$fetched/signals/dist/signals.mjs" signals/signals.js
place "$fetched/signals/dist/signals.d.ts" signals/signals.d.ts
place "$fetched/signals-core/dist/signals-core.mjs" signals/signals-core.js
place "$fetched/signals-core/dist/signals-core.d.ts" signals/signals-core.d.ts
cp "$fetched/signals/LICENSE" signals/LICENSE

# uPlot's ESM file is not minified (42 KB gzipped, 22 KB when it is). This is its own minified
# file with one export line.
place "$fetched/uplot/dist/uPlot.iife.min.js" uplot/uPlot.js
echo 'export default uPlot;' >>uplot/uPlot.js
place "$fetched/uplot/dist/uPlot.d.ts" uplot/uPlot.d.ts
cp "$fetched/uplot/dist/uPlot.min.css" uplot/uPlot.css
cp "$fetched/uplot/LICENSE" uplot/LICENSE

# @msgpack/msgpack's ESM build is many files (11 KB gzipped). This is its own minified file (6 KB),
# which finds a CommonJS module around it, with one export line.
mkdir -p msgpack
{
  echo 'const module = { exports: {} }; const exports = module.exports;'
  sed -e '/^\/\/# sourceMappingURL=/d' "$fetched/msgpack/dist.umd/msgpack.min.js"
  echo
  echo 'export const { encode, decode } = module.exports;'
} >msgpack/msgpack.js
{
  echo 'export { encode } from "./types/encode.js";'
  echo 'export { decode } from "./types/decode.js";'
} >msgpack/msgpack.d.ts
for types in encode Encoder decode Decoder ExtData ExtensionCodec CachedKeyDecoder context; do
  place "$fetched/msgpack/dist.esm/$types.d.ts" "msgpack/types/$types.d.ts"
done
cp "$fetched/msgpack/LICENSE" msgpack/LICENSE

cat >README.md <<END
# Vendored libraries

Written by \`vendor.sh\`, which says what it changes. Each folder has the package's licence.

| folder | package | version | licence |
|---|---|---|---|
| \`preact/\` | preact (with preact/hooks) | $PREACT | MIT |
| \`signals/\` | @preact/signals | $SIGNALS | MIT |
| \`signals/\` | @preact/signals-core | $SIGNALS_CORE | MIT |
| \`uplot/\` | uplot | $UPLOT | MIT |
| \`msgpack/\` | @msgpack/msgpack (encode, decode) | $MSGPACK | ISC |
END
