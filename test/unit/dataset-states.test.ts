import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../main/errors.ts';
import type { Store } from '../../main/store/index.ts';
import type { Dataset } from '../../preload/contract/models.ts';
import { plain } from '../../preload/contract/said.ts';
import { instant, rawDb, storedConnection, storeIn, temporaryFolder } from '../support/parts.ts';

/* What a dataset becomes, whatever it is and whatever happens to it. */

type Status = Dataset['status'];
const states: readonly Status[] = ['pending', 'syncing', 'ready', 'error', 'expired'];
/** What is there: nothing yet; what was published; or only what is known of what was published once. */
const things = ['nothing', 'data', 'history'] as const;

const error = new AppError('DB_LOST', plain('The connection was lost.')).toWire();
const times = { nextSyncAt: instant, retryAt: null };
const events: Readonly<Record<string, (store: Store) => void>> = {
  'a run begins': (store) => store.datasets.syncing('d', instant),
  'it is published': (store) =>
    store.datasets.ready('d', { dataAsOf: instant, nextSyncAt: instant, rowCounts: {} }, instant),
  'it is taken over': (store) => store.datasets.adopt('d', { dataAsOf: instant, rowCounts: {} }, instant),
  'a run fails': (store) => store.datasets.failed('d', error, times, instant),
  'a run is held': (store) => store.datasets.hold('d', { at: instant, jobId: 'b', reasons: [] }, instant),
  'a run is stopped': (store) => store.datasets.settle('d', instant),
  'its tables go': (store) => store.datasets.expire('d', instant),
};

/** What it is afterwards. */
function wanted(status: Status, thing: (typeof things)[number], event: string): Status {
  if (event === 'a run begins') return 'syncing';
  if (event === 'it is published' || event === 'it is taken over') return 'ready';
  if (event === 'a run fails') return 'error';
  // Only tables that are there and that nobody is reading anew can go.
  if (event === 'its tables go') return status === 'ready' || status === 'error' ? 'expired' : status;
  return thing === 'data' ? 'ready' : thing === 'history' ? 'expired' : 'pending';
}

function filled(folder: string): Store {
  const store = storeIn(folder);
  store.people.create('p', 'Ada', ['dba'], instant);
  store.connections.create(storedConnection({ id: 'c' }), 'p', instant);
  using db = rawDb(join(folder, 'headgate.db'));
  const made = `'p', '${instant}', '${instant}'`;
  db.exec(`INSERT INTO projects (id, name, connection_id, db_schema, created_by, created_at, updated_at) VALUES ('j', 'J', 'c', 'public', ${made});
    INSERT INTO data_sources (id, name, source_type, base_url, client_id, settings, created_by, created_at, updated_at)
      VALUES ('s', 'HQ', 'commcare', 'https://hq', 'x', '{}', ${made});`);
  store.links.create(
    {
      ...{ id: 'l', projectId: 'j', sourceId: 's', credentialMode: 'project', isActive: true },
      ...{ schedule: { kind: 'every', hours: 24 }, quietHours: null, keepIdleHours: null },
      syncConfig: {
        ...{ datasets: ['forms'], keepRaw: false, readerRoles: [], options: {}, guards: true },
        ...{
          shrinkPercent: 30,
          refreshViews: false,
          secondColumn: false,
          refresh: { how: 'automatic', wholeEveryDays: 7 },
        },
      },
    },
    instant,
  );
  store.datasets.create({ id: 'd', linkId: 'l', personId: null, schemaName: 'data_d' }, instant);
  return store;
}

describe.each(states)('a dataset that is %s', (status) => {
  it.each(Object.keys(events))('when %s', (event) => {
    using folder = temporaryFolder();
    const store = filled(folder.path);
    for (const thing of things) {
      const place = (sql: string): void => {
        using db = rawDb(join(folder.path, 'headgate.db'));
        db.exec(sql);
      };
      const asOf = thing === 'data' ? `'${instant}'` : 'NULL';
      place(`DELETE FROM dataset_dictionaries; ${thing === 'nothing' ? '' : `INSERT INTO dataset_dictionaries (dataset_id, job_id, version) VALUES ('d', 'b', 1);`}
        UPDATE materialised_datasets SET status = '${status}', data_as_of = ${asOf}, error = NULL, held = NULL`);
      events[event]?.(store);
      expect({ thing, status: store.datasets.get('d').status }).toEqual({
        thing,
        status: wanted(status, thing, event),
      });
    }
    store.close();
  });
});
