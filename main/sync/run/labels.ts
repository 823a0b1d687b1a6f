import { createHttp } from '../../connectors/http.ts';
import { connectorFor } from '../../connectors/registry.ts';
import { cancelled } from '../../errors.ts';
import type { RunDeps, RunSpec } from '../run-spec.ts';
import { describedAs, readable } from '../shape/names.ts';

/** Labels are worth so long a wait and no longer: some sources answer with every application in one piece. */
const patienceMs = 5 * 60_000;

/**
 * What the source calls its tables and columns, by part and path. Nice to have: whatever keeps the source from telling
 * is only logged, and the tables are published without.
 */
export async function readLabels(spec: RunSpec, deps: RunDeps): Promise<Map<string, string>> {
  const connector = connectorFor(spec.source.type);
  if (!connector.describe) return new Map();
  const signal = AbortSignal.any([deps.signal, AbortSignal.timeout(patienceMs)]);
  const http = createHttp({
    ...deps,
    ...(deps.fetcher ? { exchange: deps.fetcher.exchange } : {}),
    baseUrl: spec.source.baseUrl,
    connector,
  });
  try {
    const { settings } = spec.source;
    const told = await connector.describe(spec.datasets, { http, settings, options: spec.options, signal });
    return new Map(told.map(({ part, path, text }) => [describedAs(part, path), readable(text)]));
  } catch (error) {
    if (deps.signal.aborted) throw cancelled();
    deps.log.warn('sync.no_labels', { error });
    return new Map();
  }
}
