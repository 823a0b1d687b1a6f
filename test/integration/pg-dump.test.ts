import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../main/connectors/json.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../main/sample/embedded-postgres.ts';
import { type Login, plainLogin } from '../../main/sample/plain-login.ts';
import { quickPlace } from '../support/place.ts';
import { seeded } from '../support/random.ts';
import { refreshed } from '../support/refreshed.ts';

/*
 * pg_dump, the program itself, again and again while a dataset is refreshed: each dump is one published state. It refuses
 * servers that are newer than itself, so it dumps one of its own package.
 */

const packages = '/usr/lib/postgresql';
const bin = (existsSync(packages) ? readdirSync(packages) : [])
  .sort((a, b) => Number(b) - Number(a))
  .map((version) => join(packages, version, 'bin'))
  .find((folder) => ['pg_dump', 'postgres', 'initdb'].every((name) => existsSync(join(folder, name))));
const why =
  bin === undefined ? ` (skipped: there is no pg_dump with a server of its version in ${packages})` : '';

/**
 * Refresh `k`: every row says k, and how many there are depends on it. Tables and columns come; where `shrinking`, columns
 * go and get another type too.
 */
function recordsOf(k: number, random: () => number, shrinking: boolean): JsonObject[] {
  const kids = [{ said: `${k}` }, { said: `${k}` }];
  const things = Array.from({ length: 40 + Math.floor(random() * 40) }, (_, at) => ({
    ...{ id: `t${at}`, said: `${k}`, kids },
    ...Object.fromEntries(
      Array.from({ length: 1 + Math.floor(k / 4) }, (_, turn) => [
        `turn${turn}`,
        shrinking && k % 4 === 3 ? 'x' : 1,
      ]),
    ),
    ...(shrinking ? { [`only${Math.floor(k / 3)}`]: at } : {}),
  }));
  const later = Array.from({ length: Math.floor(k / 10) }, (_, at) => ({
    ...{ id: `l${at}`, said: `${k}`, kind: `later ${at}`, kids },
  }));
  const visits = Array.from({ length: k + 1 }, (_, at) => ({
    ...{ id: `v${at}`, said: `${k}`, kind: 'visit', kids },
  }));
  return [...things, ...visits, ...later];
}

/** The values of the column `said` in each table of a dump. */
function saidIn(dump: string, schema: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [, of = '', table = '', columns = '', rows = ''] of dump.matchAll(
    /^COPY (\w+)\.(\w+) \((.*)\) FROM stdin;\n([\s\S]*?)^\\\.$/gm,
  )) {
    if (of !== schema) continue;
    const at = columns.split(', ').indexOf('said');
    found[table] = rows.split('\n').flatMap((row) => (row === '' ? [] : [row.split('\t')[at] ?? '']));
  }
  return found;
}

interface Dumped {
  /** Dumps that were not one state. */
  readonly torn: string[];
  readonly failed: string[];
  readonly states: Set<string>;
}

/** Refreshes again and again while one dump follows the other. */
async function dumpedWhile(
  server: EmbeddedPostgres,
  login: Login,
  refreshes: number,
  shrinking: boolean,
): Promise<Dumped> {
  const schema = shrinking ? 'shrinking' : 'growing';
  const place = { postgres: { ...login, host: '127.0.0.1' as const }, database: 'postgres' };
  await using data = await refreshed(place, schema);
  const random = seeded(5);
  await data.refresh(recordsOf(0, random, shrinking));
  const result: Dumped = { torn: [], failed: [], states: new Set() };
  let over = false;
  const { host, port, user, password } = server;
  const args = ['-h', host, '-p', String(port), '-U', user, '--schema', schema, 'postgres'];
  const options = {
    env: { PATH: process.env['PATH'] ?? '', PGPASSWORD: password },
    maxBuffer: 64 * 1024 * 1024,
  };
  const dump = async (): Promise<void> => {
    while (!over) {
      const done = await promisify(execFile)(join(bin ?? '', 'pg_dump'), args, options).catch(
        (error: Error) => error,
      );
      if (done instanceof Error) {
        result.failed.push(done.message);
        continue;
      }
      const tables = saidIn(done.stdout, schema);
      const said = new Set(Object.values(tables).flat());
      const [k = ''] = said;
      result.states.add(k);
      const { visit = [], things = [], things_kids: kids = [] } = tables;
      if (said.size !== 1 || visit.length !== Number(k) + 1 || kids.length !== 2 * things.length)
        result.torn.push(
          `${[...said]}: ${visit.length} visits, ${things.length} things, ${kids.length} kids`,
        );
    }
  };
  const dumping = dump();
  try {
    for (let k = 1; k <= refreshes; k += 1) await data.refresh(recordsOf(k, random, shrinking));
  } finally {
    over = true;
    await dumping;
  }
  expect(result.states.size).toBeGreaterThan(refreshes / 4);
  return result;
}

describe.skipIf(bin === undefined)(`pg_dump${why}`, { timeout: 180_000 }, () => {
  let server: EmbeddedPostgres;
  let login: Login;
  beforeAll(async () => {
    server = await startEmbeddedPostgres({ durable: false, place: quickPlace(), bin: bin ?? '' });
    login = await plainLogin(server, 'postgres');
  });
  afterAll(() => server.stop());

  it('has one published state in each dump and never fails while rows change and tables and columns come', async () => {
    expect(await dumpedWhile(server, login, 20, false)).toMatchObject({ torn: [], failed: [] });
  });

  it('where columns go or get another type has one state too, or says which column is gone', async () => {
    const { torn, failed } = await dumpedWhile(server, login, 8, true);
    expect(torn).toEqual([]);
    // pg_dump looks columns up before it locks their tables: what went in between it can't have.
    expect(failed.filter((text) => !/column "\w+" of relation "\w+" does not exist/.test(text))).toEqual([]);
  });
});
