import type { Recount } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { type AskContext, type Connector, type DatasetSpec, specsOf } from '../../connectors/connector.ts';
import { connectorFor } from '../../connectors/registry.ts';
import { AppError } from '../../errors.ts';
import type { StoredDataset } from '../../store/data/datasets.ts';
import { nothingHeld } from '../../sync/job/jobs.ts';
import type { Names } from '../../sync/shape/names.ts';
import type { Services } from '../context.ts';
import { credentialOf } from './credential-of.ts';
import { sourceVia } from './source-http.ts';

/** A source that has not said how many after so many answers does not say. */
const mostPages = 3;
/** So long all datasets together may take. */
const longestMs = 60_000;

/** What the source announces with its first answers; nothing of them is kept. */
async function announced(connector: Connector, dataset: string, context: AskContext): Promise<number | null> {
  // Whatever else it asks for meanwhile is given up with it.
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const pages = connector.read(dataset, { ...context, cursor: null, signal });
  try {
    let read = 0;
    for (let asked = 0; asked < mostPages; asked += 1) {
      const { value: page, done } = await pages.next();
      if (done || !page) return read;
      if (page.total !== null) return page.total;
      read += page.records.length;
    }
    return null;
  } finally {
    stop.abort();
    await pages.return().catch(() => {});
  }
}

/** How many records the source of a held refresh counts now, per dataset. Fails with NOT_FOUND when nothing is held. */
export async function recountHeld(
  services: Services,
  dataset: StoredDataset,
  signal: AbortSignal,
): Promise<Recount> {
  const { store } = services;
  if (dataset.held === null) throw nothingHeld();
  const source = store.sources.get(dataset.sourceId);
  const { datasets, options } = store.links.get(dataset.linkId).syncConfig;
  const credential = credentialOf(services, dataset);
  if (!credential)
    throw new AppError('SIGN_IN_NEEDED', say('projects.nobodySignedDatasetYet', { source: source.name }));
  const connector = connectorFor(source.sourceType);
  const until = AbortSignal.any([signal, AbortSignal.timeout(longestMs)]);
  const context = {
    ...sourceVia(services, source, credential),
    ...{ settings: source.settings, options, signal: until },
  };
  const held = store.runs.find(dataset.held.jobId)?.after ?? null;
  const names = store.datasets.names(dataset.id) as Names | null;
  const counts: Recount['counts'] = [];
  const countOne = async ({ name, roughTotal }: DatasetSpec): Promise<void> => {
    const table = names?.tables[name] ?? name;
    const line = {
      ...{ dataset: name, table, rough: roughTotal === true },
      published: dataset.rowCounts[table] ?? null,
      held: held && (held[table] ?? 0),
    };
    try {
      counts.push({ ...line, counted: await announced(connector, name, context), error: null });
    } catch (error) {
      if (signal.aborted || !(error instanceof AppError)) throw error;
      const late = until.aborted;
      const known = late ? new AppError('SOURCE_UNREACHABLE', say('projects.countedTooLong')) : error;
      // Without a sign-in no other dataset is counted either.
      if (known.code === 'SIGN_IN_EXPIRED' || known.code === 'SIGN_IN_NEEDED') throw known;
      counts.push({ ...line, counted: null, error: known.toWire() });
    }
  };
  for (const each of await specsOf(connector, datasets, context)) await countOne(each);
  return { at: services.now(), counts };
}
