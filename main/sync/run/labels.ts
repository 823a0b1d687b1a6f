import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import type { Description } from '../../connectors/connector.ts';
import type { SourceDatabase } from '../../connectors/database.ts';
import { createHttp } from '../../connectors/http.ts';
import { connectorFor } from '../../connectors/registry.ts';
import { AppError, cancelled } from '../../errors.ts';
import type { Descriptions } from '../destination/postgres/finish/plan.ts';
import type { RunDeps, RunSpec } from '../run-spec.ts';
import { describedAs, dotted, partOfTable, readable, repeatsIn } from '../shape/names.ts';
import { createShelf, type Packed, pack, type Tables, unpack } from '../shape/packed.ts';

/** Labels are worth so long a wait and no longer: some sources answer with every application in one piece. */
const patienceMs = 5 * 60_000;

/** What a source says of its fields. */
export interface Told {
  readonly descriptions: Descriptions;
  /** The paths below a part that repeat. */
  readonly repeats: (part: string) => readonly (readonly string[])[];
  /** Why the source did not tell, for people; null when it did. */
  readonly failure: Said | null;
}

const nothing: Told = { descriptions: new Map(), repeats: () => [], failure: null };

/**
 * What the source calls its tables and columns, by part and path, and what repeats. Nice to have: where something keeps
 * the source from telling, what is published says what it was called before.
 */
export async function readLabels(
  spec: RunSpec,
  deps: RunDeps & { readonly database: SourceDatabase | undefined },
): Promise<Told> {
  const connector = connectorFor(spec.source.type);
  if (!connector.describe) return nothing;
  const patience = AbortSignal.timeout(patienceMs);
  const signal = AbortSignal.any([deps.signal, patience]);
  const http = createHttp({
    ...deps,
    ...{ baseUrl: spec.source.baseUrl, signIn: spec.source.signIn, connector },
  });
  try {
    const { settings } = spec.source;
    const { database } = deps;
    return putAway(
      await connector.describe(spec.datasets, { http, database, settings, options: spec.options, signal }),
    );
  } catch (error) {
    if (deps.signal.aborted) throw cancelled();
    deps.log.warn('sync.no_labels', { error });
    const late = patience.aborted ? say('sync.labelsLate', { minutes: patienceMs / 60_000 }) : null;
    const why = late ?? (error instanceof AppError ? error.said : say('sync.labelsUnread'));
    return {
      ...nothing,
      descriptions: labelsBefore(spec.published.tables),
      repeats: emptyRepeats(spec.published.tables),
      failure: say('sync.noLabels', { source: connector.title, why }),
    };
  }
}

/** What something is called, and in which language where that is known. */
type Text = readonly [text: string, lang?: string | undefined];

const lookedUp = (find: (key: string) => Text | undefined): Descriptions => ({
  get: (key) => find(key)?.[0],
  langOf: (key) => find(key)?.[1],
});

/** The labels of what is published. Those of one part at a time are looked at, in the order in which they are asked for. */
function labelsBefore(tables: Tables): Descriptions {
  const places = new Map<string, number>();
  for (const { id } of tables) places.set(id, places.size);
  const placesOf = Map.groupBy(places.keys(), (id) => partOfTable(id, (known) => places.has(known)));
  const read = (part: string): ReadonlyMap<string, Text> => {
    const labels = new Map<string, Text>();
    for (const id of placesOf.get(part) ?? []) {
      const table = tables.at(places.get(id) as number);
      const title = id === part ? titleIn(part, table?.description ?? '') : null;
      if (title !== null) labels.set(describedAs(part, []), [title, table?.lang]);
      for (const { sourcePath, label, lang } of table?.columns ?? []) {
        if (sourcePath !== null && label !== null) labels.set(`${part}\0${sourcePath}`, [label, lang]);
      }
    }
    return labels;
  };
  const shelf = createShelf(read);
  return lookedUp((key) => shelf(partOf(key))().get(key));
}

/** The repeats whose published tables are empty: nothing but the source's word has them there. */
function emptyRepeats(tables: Tables): Told['repeats'] {
  const empty = new Set<string>();
  const ids: Record<string, string> = {};
  for (const { id, name, rows } of tables) {
    ids[id] = name;
    if (rows === 0) empty.add(id);
  }
  const found = repeatsIn(ids);
  return (part) => (found.get(part) ?? []).filter((path) => empty.has(`${part}|${dotted(path)}`));
}

/** The title in a comment of a part's own table; null where it has none. See `commentOf`. */
function titleIn(part: string, comment: string): string | null {
  const slash = part.indexOf('/');
  const end = slash < 0 ? -1 : comment.indexOf(` (${part.slice(slash + 1)}). `);
  return end < 0 ? null : comment.slice(0, end);
}

/** Puts descriptions away by part. They are looked up as `describedAs` joins part and path. */
function putAway(told: Iterable<Description>): Told {
  const shelf = createShelf(
    (packed: Packed) => new Map(unpack<readonly (readonly [string, Text])[]>(packed)),
  );
  const parts = new Map<string, () => ReadonlyMap<string, Text>>();
  const repeats = new Map<string, (readonly string[])[]>();
  let part = '';
  let open = new Map<string, Text>();
  const close = (): void => {
    if (open.size > 0) parts.set(part, shelf(pack([...(parts.get(part)?.() ?? []), ...open])));
    open = new Map();
  };
  for (const one of told) {
    const key = describedAs(one.part, one.path);
    const of = partOf(key);
    if (of !== part) close();
    part = of;
    // Put away as JSON, which has no undefined.
    if (one.text !== '')
      open.set(key, one.lang === undefined ? [readable(one.text)] : [readable(one.text), one.lang]);
    if (one.repeats) repeats.set(of, [...(repeats.get(of) ?? []), one.path]);
  }
  close();
  return {
    descriptions: lookedUp((key) => parts.get(partOf(key))?.().get(key)),
    repeats: (id) => repeats.get(id) ?? [],
    failure: null,
  };
}

const partOf = (key: string): string => key.slice(0, key.indexOf('\0'));
