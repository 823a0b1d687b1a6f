import type { Description } from '../../connectors/connector.ts';
import { createHttp } from '../../connectors/http.ts';
import { connectorFor } from '../../connectors/registry.ts';
import { cancelled } from '../../errors.ts';
import type { Descriptions } from '../destination/postgres/finish/plan.ts';
import type { RunDeps, RunSpec } from '../run-spec.ts';
import { describedAs, readable } from '../shape/names.ts';
import { createShelf, type Packed, pack, unpack } from '../shape/packed.ts';

/** Labels are worth so long a wait and no longer: some sources answer with every application in one piece. */
const patienceMs = 5 * 60_000;

/**
 * What the source calls its tables and columns, by part and path. Nice to have: whatever keeps the source from telling
 * is only logged, and the tables are published without.
 */
export async function readLabels(spec: RunSpec, deps: RunDeps): Promise<Descriptions> {
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
    return putAway(
      await connector.describe(spec.datasets, { http, settings, options: spec.options, signal }),
    );
  } catch (error) {
    if (deps.signal.aborted) throw cancelled();
    deps.log.warn('sync.no_labels', { error });
    return new Map();
  }
}

/** Puts descriptions away by part. They are looked up as `describedAs` joins part and path. */
function putAway(told: Iterable<Description>): Descriptions {
  const shelf = createShelf(
    (packed: Packed) => new Map(unpack<readonly (readonly [string, string])[]>(packed)),
  );
  const parts = new Map<string, () => ReadonlyMap<string, string>>();
  let part = '';
  let open = new Map<string, string>();
  const close = (): void => {
    if (open.size > 0) parts.set(part, shelf(pack([...(parts.get(part)?.() ?? []), ...open])));
    open = new Map();
  };
  for (const one of told) {
    const key = describedAs(one.part, one.path);
    const of = partOf(key);
    if (of !== part) close();
    part = of;
    open.set(key, readable(one.text));
  }
  close();
  return { get: (key) => parts.get(partOf(key))?.().get(key) };
}

const partOf = (key: string): string => key.slice(0, key.indexOf('\0'));
