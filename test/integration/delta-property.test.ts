import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, differences, type TestDatabase } from '../support/database.ts';
import { begin, happen } from '../support/delta-history.ts';
import { type DeltaLink, deltaLink } from '../support/delta-link.ts';
import { type HistoryHq, historyHq } from '../support/history-hq.ts';
import { seeded } from '../support/random.ts';

/*
 * Whatever happens at the source between two refreshes: one that reads only what changed gives the tables that reading
 * everything does, types and columns included. HEADGATE_DELTA_STEPS runs more refreshes than the suite has time for,
 * HEADGATE_DELTA_SEED one history again.
 */

const steps = Number(process.env['HEADGATE_DELTA_STEPS'] ?? 60);
const seeds = process.env['HEADGATE_DELTA_SEED'];
const stepsOfHistory = 10;

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(async () => {
  await db[Symbol.asyncDispose]();
});

const sim = { url: 'http://hq.test', oauth: { issueTokens: () => ({ accessToken: 'token' }) } };

function linksOf(name: string, hq: HistoryHq): { delta: DeltaLink; full: DeltaLink } {
  const change = {
    spec: {
      guards: { on: false, shrinkPercent: 100 },
      source: { type: 'commcare', baseUrl: sim.url, settings: { domain: 'demo' }, signIn: 'oauth' as const },
    },
    deps: { exchange: hq.exchange },
  };
  return {
    delta: deltaLink(db, `d_${name}`, sim as never, change),
    full: deltaLink(db, `f_${name}`, sim as never, { ...change, mode: 'full' }),
  };
}

it(`gives what reading everything does, over ${steps} refreshes of random histories`, {
  timeout: 3_600_000,
}, async () => {
  let [done, fell, byChanges, asked, total] = [0, 0, 0, 0, 0];
  const why = new Map<string, number>();
  for (
    let seed = Number(seeds ?? 1);
    done < steps && (seeds === undefined || seed === Number(seeds));
    seed += 1
  ) {
    const random = seeded(seed);
    const hq = historyHq(random);
    hq.page = 5 + Math.floor(random() * 30);
    begin(hq, random, 20 + Math.floor(random() * 60));
    const { delta, full } = linksOf(`s${seed}`, hq);
    await Promise.all([delta.publish(), full.publish()]);
    const told: string[] = [];
    for (let step = 0; step < stepsOfHistory && done < steps; step += 1, done += 1) {
      told.push(`step ${step}: ${happen(hq, random).join(', ')}`);
      const where = `HEADGATE_DELTA_SEED=${seed}\n${told.join('\n')}`;
      await Promise.all([delta.publish(), full.publish()]).catch((error: unknown) => {
        throw new Error(`${where}\n${String(error)}`, { cause: error });
      });
      expect(await differences(db, full.schema, delta.schema), where).toEqual([]);
      const found = delta.delta();
      const reason = delta.fellBack();
      if (reason !== null) {
        fell += 1;
        why.set(reason, (why.get(reason) ?? 0) + 1);
      }
      if (found === null) continue;
      byChanges += 1;
      asked += found.asked;
      total += found.total;
    }
    await db.query(`DROP SCHEMA "${full.schema}" CASCADE; DROP SCHEMA "${delta.schema}" CASCADE`);
  }
  console.info(
    `${done} refreshes: ${byChanges} by changes, asking for ${asked} of ${total} records; ${fell} fell back: ${JSON.stringify([...why])}`,
  );
  expect(byChanges).toBeGreaterThan(done / 3);
});
