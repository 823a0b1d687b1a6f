import type { Person, QuerySource } from '../../../preload/contract/models.ts';
import type { ReadTable } from '../../query/check/harmless.ts';
import type { AllowedFunction } from '../../query/check/names.ts';
import type { Services } from '../context.ts';
import { projectInUse } from '../projects/search-path.ts';

/** What a person may ask in a project: over which connection, in which schemas, by which role. */
export interface Readable {
  readonly projectId: string;
  readonly connectionId: string;
  /** The project's own first, then its datasets that are there, then those that a DBA added. */
  readonly schemas: readonly string[];
  /** Those that a DBA allowed. */
  readonly functions: readonly AllowedFunction[];
  readonly sources: readonly QuerySource[];
  readonly readerRole: string | null;
}

/**
 * The schemas of a project that are this person's to read: its own, those of its ready datasets, and what a DBA added. To ask is use of all of
 * them, so what has gone is queued. Fails with CONNECTION_NOT_GRANTED.
 */
export function readableOf(services: Services, projectId: string, person: Person): Readable {
  const { store } = services;
  const { project, ready } = projectInUse(services, projectId, person);
  // What is being moved to another database is not where the question goes.
  const here = ready.filter(({ connectionId }) => connectionId === project.connectionId);
  const added = store.projects.queryScope(projectId);
  const schemas = [project.dbSchema, ...here.map(({ schemaName }) => schemaName), ...added.schemas];
  const sources = here.map((dataset) => ({
    datasetId: dataset.id,
    schemaName: dataset.schemaName,
    sourceName: store.sources.get(dataset.sourceId).name,
    dataAsOf: dataset.dataAsOf,
  }));
  const { lease } = store.connections.get(project.connectionId);
  return {
    projectId,
    connectionId: project.connectionId,
    schemas: [...new Set(schemas)],
    functions: added.functions,
    sources,
    readerRole: lease?.readerRole ?? null,
  };
}

/** The datasets that tables are of. */
export const sourcesOf = ({ sources }: Readable, tables: readonly ReadTable[]): QuerySource[] =>
  sources.filter(({ schemaName }) => tables.some(({ schema }) => schema === schemaName));
