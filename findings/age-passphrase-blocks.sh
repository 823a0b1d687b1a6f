#!/usr/bin/env bash
# age-encryption 0.3.1 (Node 20.20.2): `await decrypter.decrypt(file)` of a file with a passphrase looks asynchronous, and stops
# everything else in the process until it is done: its scrypt is synchronous JavaScript, 2^18 rounds of it by default. A timer
# that runs beside it stands still. The scrypt of node:crypto with the same cost leaves the timer alone.
# Why it matters: a server, or the main process of a desktop app, that opens such files answers nobody meanwhile.
# Seen: longest pause of a 20 ms timer: 2158 ms with age-encryption, 34 ms with node:crypto.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"private":true,"type":"module"}' > package.json
npm install --silent --no-fund --no-audit age-encryption@0.3.1
cat > try.js <<'JS'
import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { Decrypter, Encrypter } from 'age-encryption';
const longestPause = async (work) => {
  let last = performance.now();
  let longest = 0;
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(look, 20);
  await work();
  look();
  clearInterval(timer);
  return Math.round(longest);
};
const encrypter = new Encrypter();
encrypter.setPassphrase('a phrase of several words');
const file = await encrypter.encrypt('hello');
const decrypter = new Decrypter();
decrypter.addPassphrase('a phrase of several words');
const library = await longestPause(() => decrypter.decrypt(file, 'text'));
const cost = { N: 2 ** 18, r: 8, p: 1, maxmem: 2 ** 30 };
const system = await longestPause(() => promisify(scrypt)('a phrase of several words', Buffer.alloc(44), 32, cost));
console.log(`longest pause of a 20 ms timer: ${library} ms with age-encryption, ${system} ms with node:crypto`);
if (library < 300 || library < 4 * system) {
  console.error('this has changed: the passphrase does not stop the process any more');
  process.exit(1);
}
JS
node try.js
