import type {
  ImportChoice,
  ImportPlan,
  ImportResult,
  PlannedConnection,
  Schema,
} from '../../../preload/contract/models.ts';
import {
  connectionChange,
  connectionInput,
  firstIssue,
  leaseSettings,
  poolSettings,
  projectInput,
} from '../../../preload/contract/models.ts';
import { plain } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { inOneWord } from '../../access/entry.ts';
import { AppError } from '../../errors.ts';
import type { Found, FoundConnection, FoundHop } from '../../imports/found.ts';
import type { StoredDetail } from '../../store/connections/connections.ts';
import { type Caller, given, type Services } from '../context.ts';
import { insistMovable } from '../projects/projects.ts';
import { changeConnection, createConnection } from './connections.ts';
import { takeProjects } from './import-projects.ts';
import { createTurns } from './import-turns.ts';

export interface ImportDecisions {
  readonly connections: readonly ImportChoice[];
  readonly hosts: readonly { readonly key: string; readonly connectionIds: readonly string[] }[];
  /** Names of projects to make, extend or repoint. */
  readonly projects: readonly string[];
}

/** How many of what was made are named in the log. */
const namedInLog = 50;
/** As long as the contract takes one; other tools have no such limit. */
const longestDescription = 2000;
const longestFolder = 200;
const descriptionOf = ({ description }: FoundConnection) => description?.slice(0, longestDescription);
const folderOf = ({ folder }: FoundConnection) => folder?.slice(0, longestFolder).trim();

/** A jump host as it is entered. */
const hopInput = ({ agentKeyFile: _, ...hop }: FoundHop) => ({ agentSocket: null, agentKey: null, ...hop });

/** A new connection; what the file leaves open gets what is usual. */
const inputOf = (found: FoundConnection, view: PlannedConnection) => ({
  engine: found.engine ?? 'postgres',
  settings: { ...found.settings },
  keyPassphrase: found.keyPassphrase ?? null,
  description: descriptionOf(found) ?? '',
  folder: folderOf(found) ?? '',
  tags: [...(found.tags ?? [])],
  host: found.host,
  hostAddress: found.hostAddress ?? null,
  port: found.port,
  database: found.database,
  readOnly: found.readOnly ?? false,
  signIn: found.signIn ?? 'any',
  tlsMode: view.tlsMode,
  tlsCa: found.tlsCa ?? null,
  tlsCert: found.tlsCert ?? null,
  user: found.user,
  password: found.password,
  tlsKey: found.tlsKey ?? null,
  tlsKeyPassphrase: found.tlsKeyPassphrase ?? null,
  ssh: (found.ssh ?? []).map(hopInput),
});

/** What the file tells of a connection that is there; what it leaves open stays as it is. Our own files tell everything. */
function changeOf(found: FoundConnection, before: StoredDetail) {
  const own = found.more !== undefined;
  const { tags, host, port, database, readOnly, signIn, tlsMode } = found;
  const { user, password, tlsKey, tlsKeyPassphrase, keyPassphrase } = found;
  return given({
    ...{ keyPassphrase, settings: found.settings && { ...found.settings } },
    ...{ host, port, database, readOnly, signIn, tlsMode, user, password, tlsKey, tlsKeyPassphrase },
    description: descriptionOf(found),
    folder: folderOf(found),
    tags: tags && [...tags],
    hostAddress: found.hostAddress ?? (own ? null : undefined),
    tlsCa: found.tlsCa ?? (own ? null : undefined),
    tlsCert: found.tlsCert ?? (own ? null : undefined),
    // A jump host that is there already keeps its secrets.
    ssh: found.ssh?.map((hop) => {
      const same = before.ssh.find(
        ({ host, port, user }) => host === hop.host && port === hop.port && user === hop.user,
      );
      return same ? { ...hopInput(hop), id: same.id } : hopInput(hop);
    }),
  });
}

/** Files hold what no form takes. Fails with INPUT_INVALID, naming the field. */
function insistFits(schema: Schema, value: object): void {
  const issue = firstIssue(schema, value);
  if (issue !== null) throw new AppError('INPUT_INVALID', plain(issue));
}

/**
 * Carries out what was decided about a plan, one thing after the other: what can't be done is told in `problems`, and the
 * rest is done. Doing it again changes nothing: what is there already stands for itself.
 */
export async function applyImport(
  services: Services,
  view: ImportPlan,
  found: Found,
  decisions: ImportDecisions,
  caller: Caller,
  /** The connection that is equal to a found one now; things may have changed since the plan. */
  sameAs: (found: FoundConnection) => Promise<string | null>,
): Promise<ImportResult> {
  const { store } = services;
  const { person, signal } = caller;
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
    if (choice.action === 'create') {
      const name = choice.name ?? planned.name;
      const {
        state = 'active',
        access = 'everyone',
        superuserReason = '',
        pool,
        lease = null,
      } = source.more ?? {};
      const input = {
        ...inputOf(source, planned),
        ...{ name, environment: choice.environment ?? planned.environment, state, access, superuserReason },
        pool: poolSettings.parse(pool ?? {}),
        lease: lease === null ? null : leaseSettings.parse(lease),
      };
      const { user = '-', password = '' } = input;
      insistFits(connectionInput, { ...input, user, password });
      const { id } = await createConnection(services, input, person, true);
      result.created.push({ id, name });
      stands.set(index, id);
      return;
    }
    if (planned.existingId === null) throw new AppError('NOT_FOUND', say('connections.noConnectionReplace'));
    const change = changeOf(source, store.connections.get(planned.existingId));
    insistFits(connectionChange, change);
    await changeConnection(services, planned.existingId, change);
    result.replaced.push({ id: planned.existingId, name: store.connections.get(planned.existingId).name });
    stands.set(index, planned.existingId);
  };

  const others = createTurns();
  /** Others have their turn; and whether to go on. What is done by then stays done, and is told. */
  const goesOn = async (): Promise<boolean> => {
    await others();
    return !signal.aborted;
  };
  const choices = new Map(decisions.connections.map((choice) => [choice.key, choice]));
  for (const [index, planned] of view.connections.entries()) {
    if (!(await goesOn())) break;
    if (planned.status === 'same') {
      await failing(planned.name, async () => {
        const same = await sameAs(found.connections[index] as FoundConnection);
        if (same !== null) stands.set(index, same);
      });
    }
    const choice = choices.get(planned.key);
    if (!choice || choice.action === 'skip') continue;
    await failing(choice.name ?? planned.name, () => takeConnection(index, planned, choice));
  }
  for (const { key, connectionIds } of decisions.hosts) {
    const index = view.hosts.findIndex((each) => each.key === key);
    const host = found.hosts[index];
    for (const id of host ? connectionIds : []) {
      if (!(await goesOn())) break;
      await failing(host?.alias ?? key, async () => {
        await changeConnection(services, id, { ssh: (host?.chain ?? []).map(hopInput) });
        result.replaced.push({ id, name: store.connections.get(id).name });
      });
    }
  }
  const wanted = new Set(decisions.projects);
  for (const project of found.projects) {
    if (!wanted.has(project.name)) continue;
    if (!(await goesOn())) break;
    await failing(project.name, () => {
      const connectionId = stands.get(project.connection);
      if (connectionId === undefined)
        throw new AppError('NOT_FOUND', say('connections.connectionNotImported'));
      const there = store.projects.findNamed(project.name);
      if (there?.connectionId === connectionId) return;
      if (there) insistMovable(services, there, connectionId);
      else insistFits(projectInput, { name: project.name, connectionId, dbSchema: project.schema });
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
  const made = await takeProjects(services, found, wanted, caller, { stands, failing, goesOn });
  result.projects.push(...made.projects);
  for (const [what, names] of [
    ['projects', made.projects.map(({ name }) => name)],
    ['sources', made.sources],
    ['signIns', made.signIns],
  ] as const)
    if (names.length > 0) caller.tell(`${what}=${inOneWord(names.slice(0, namedInLog).join(', '))}`);
  if (signal.aborted)
    result.problems.push({ where: 'The rest', message: 'was not imported: it was cancelled' });
  const names = found.connections.map((each, index) => {
    const id = stands.get(index);
    return (id === undefined ? null : store.connections.find(id)?.name) ?? each.name;
  });
  const taken = decisions.connections.filter(({ action }) => action !== 'skip').length;
  return {
    ...result,
    skipped: Math.max(0, view.connections.length - taken),
    // While a project of the file is not taken or points elsewhere, its credentials are only there: nothing is written anew.
    cleaned:
      found.clean?.(
        names,
        (index, project) =>
          stands.has(index) && store.projects.findNamed(project)?.connectionId === stands.get(index),
      ) ?? null,
  };
}
