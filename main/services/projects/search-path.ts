import type { Person, SearchPath } from '../../../preload/contract/models.ts';
import { ident, literal } from '../../engines/postgres/sql.ts';
import type { StoredDataset } from '../../store/data/datasets.ts';
import type { Services } from '../context.ts';
import { beginReading } from './begin-reading.ts';

/** What is there of a project for a person, once they use it. */
export interface InUse {
  readonly project: ReturnType<Services['store']['projects']['get']>;
  /** Datasets of the project and of the person that can be read now. */
  readonly ready: readonly StoredDataset[];
  /** How many are read now, because they had gone or were never there. */
  readonly queued: number;
}

/**
 * Uses a project: every dataset that is the project's or the person's counts as used, and what has gone, or was never read, is
 * queued and not waited for. Fails with CONNECTION_NOT_GRANTED.
 */
export function projectInUse(services: Services, projectId: string, person: Person): InUse {
  const { store } = services;
  const project = store.projects.get(projectId);
  services.access.grants.insistUse(person, project.connectionId);
  const ready: StoredDataset[] = [];
  let queued = 0;
  for (const dataset of store.datasets.list(person.id, projectId)) {
    store.datasets.touch(dataset.id, services.now());
    if (dataset.dataAsOf !== null) ready.push(dataset);
    else if (beginReading(services, dataset)) queued += 1;
  }
  return { project, ready, queued };
}

/**
 * The search_path of a project for a person: the project's own schema, then every ready dataset that is the project's or
 * theirs. To ask for it is use of all of them: what has gone, or was never read, is queued, and not waited for.
 */
export function searchPathOf(services: Services, projectId: string, person: Person): SearchPath {
  const { project, ready, queued } = projectInUse(services, projectId, person);
  const { database } = services.store.connections.get(project.connectionId);
  const schemas = [project.dbSchema, ...ready.map(({ schemaName }) => schemaName)];
  const path = [...new Set(schemas)].map(ident).join(', ');
  // Spaces and backslashes of the value are escaped once for libpq's own list of options, then all of it for a URL.
  const option = `-csearch_path=${path.replaceAll('\\', '\\\\').replaceAll(' ', '\\ ')}`;
  return {
    schemas: [...new Set(schemas)],
    queued,
    set: `SET search_path = ${path};`,
    alterRole: `ALTER ROLE CURRENT_USER IN DATABASE ${ident(database)} SET search_path = ${path};`,
    urlParameter: `options=${encodeURIComponent(option)}`,
    ask: `SELECT headgate.search_path(${literal(project.name)});`,
  };
}
