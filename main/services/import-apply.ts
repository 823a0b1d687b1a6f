import type {
  ImportChoice,
  ImportPlan,
  ImportResult,
  Person,
  PlannedConnection,
} from '../../preload/contract/models.ts';
import { leaseSettings, poolSettings } from '../../preload/contract/models.ts';
import { AppError } from '../errors.ts';
import type { Found, FoundConnection } from '../imports/found.ts';
import { changeConnection, createConnection } from './connections.ts';
import type { Services } from './context.ts';
import { insistMovable } from './projects.ts';

export interface ImportDecisions {
  readonly connections: readonly ImportChoice[];
  readonly hosts: readonly { readonly key: string; readonly connectionIds: readonly string[] }[];
  /** Names of legacy projects to make or repoint. */
  readonly projects: readonly string[];
}

const inputOf = (found: FoundConnection, view: PlannedConnection) => ({
  description: found.description ?? '',
  folder: (found.folder ?? '').slice(0, 200),
  tags: [...(found.tags ?? [])],
  host: found.host,
  port: found.port,
  database: found.database,
  readOnly: found.readOnly ?? false,
  tlsMode: view.tlsMode,
  tlsCa: found.tlsCa ?? null,
  tlsCert: found.tlsCert ?? null,
  user: found.user,
  password: found.password,
  tlsKey: found.tlsKey ?? null,
  tlsKeyPassphrase: found.tlsKeyPassphrase ?? null,
  ssh: (found.ssh ?? []).map((hop) => ({ ...hop })),
});

/**
 * Carries out what was decided about a plan, one thing after the other: what can't be done is told in `problems`, and the
 * rest is done. Doing it again changes nothing: what is there already stands for itself.
 */
export async function applyImport(
  services: Services,
  view: ImportPlan,
  found: Found,
  decisions: ImportDecisions,
  person: Person,
): Promise<ImportResult> {
  const { store } = services;
  const result = {
    created: [] as ImportResult['created'],
    replaced: [] as ImportResult['replaced'],
    projects: [] as ImportResult['projects'],
    problems: [] as ImportResult['problems'],
  };
  /** Index of a found connection -> the one that stands for it now. */
  const stands = new Map<number, string>();
  const failing = async (where: string, work: () => Promise<void> | void): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof AppError) || error.kind === 'system') throw error;
      result.problems.push({ where, message: error.message });
    }
  };

  const takeConnection = async (
    index: number,
    planned: PlannedConnection,
    choice: ImportChoice,
  ): Promise<void> => {
    const source = found.connections[index] as FoundConnection;
    const input = inputOf(source, planned);
    if (choice.action === 'create') {
      const name = choice.name ?? planned.name;
      const { state = 'active', access = 'everyone', pool, lease = null } = source.more ?? {};
      const { id } = await createConnection(
        services,
        {
          ...input,
          ...{ name, environment: choice.environment ?? planned.environment, state, access },
          pool: poolSettings.parse(pool ?? {}),
          lease: lease === null ? null : leaseSettings.parse(lease),
        },
        person,
      );
      result.created.push({ id, name });
      stands.set(index, id);
      return;
    }
    if (planned.existingId === null) throw new AppError('NOT_FOUND', 'There is no connection to replace.');
    await changeConnection(services, planned.existingId, input, person);
    result.replaced.push({ id: planned.existingId, name: store.connections.get(planned.existingId).name });
    stands.set(index, planned.existingId);
  };

  for (const [index, planned] of view.connections.entries()) {
    if (planned.status === 'same') stands.set(index, planned.existingId as string);
    const choice = decisions.connections.find(({ key }) => key === planned.key);
    if (!choice || choice.action === 'skip') continue;
    await failing(choice.name ?? planned.name, () => takeConnection(index, planned, choice));
  }
  for (const { key, connectionIds } of decisions.hosts) {
    const index = view.hosts.findIndex((each) => each.key === key);
    const host = found.hosts[index];
    for (const id of host ? connectionIds : []) {
      await failing(host?.alias ?? key, async () => {
        await changeConnection(services, id, { ssh: (host?.chain ?? []).map((hop) => ({ ...hop })) }, person);
        result.replaced.push({ id, name: store.connections.get(id).name });
      });
    }
  }
  for (const project of found.projects) {
    if (!decisions.projects.includes(project.name)) continue;
    await failing(project.name, () => {
      const connectionId = stands.get(project.connection);
      if (connectionId === undefined) throw new AppError('NOT_FOUND', 'Its connection was not imported.');
      const there = store.projects.findNamed(project.name);
      if (there?.connectionId === connectionId) return;
      if (there) insistMovable(services, there, connectionId);
      const now = services.now();
      const { id, name } = there
        ? store.projects.update(there.id, { connectionId }, now)
        : store.projects.create(
            { id: services.newId(), name: project.name, connectionId, dbSchema: project.schema },
            person.id,
            now,
          );
      result.projects.push({ id, name });
    });
  }
  const names = found.connections.map((each, index) => {
    const id = stands.get(index);
    return id === undefined ? each.name : store.connections.get(id).name;
  });
  const taken = decisions.connections.filter(({ action }) => action !== 'skip').length;
  return {
    ...result,
    skipped: Math.max(0, view.connections.length - taken),
    // What was not taken keeps its credentials in the file; nothing is lost.
    cleaned: found.clean?.(names, (index) => stands.has(index)) ?? null,
  };
}
