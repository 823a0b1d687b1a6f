import { resolve } from 'node:path';
import type { HandedOver } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { writeOwn } from '../../own-file.ts';
import type { AskSecret } from '../terminal/secret-lines.ts';
import { type Console, exits, print, type Session, tell } from './commands.ts';
import { allConnections } from './dba-commands.ts';

/* Connections and projects on their way to another Headgate: as JSON without secrets, or sealed with them. */

export interface ExportOptions {
  /** Names of projects that go along; their connections come with them. */
  readonly projects: readonly string[];
  /** Where it is written; to the output unless given. */
  readonly out: string | undefined;
}

export interface SealOptions extends ExportOptions {
  /** Whether the projects' own sign-ins go along, and are shared from then on. */
  readonly signIns: boolean;
  /** The public key of the Headgate that it is for; else whoever knows the passphrase. */
  readonly publicKey: string | undefined;
  /** Why; it is kept in the log. */
  readonly reason: string | undefined;
  /** What it is sealed with, where it was in the environment; else it is asked for. */
  readonly passphrase: string | undefined;
  /** The person's own, where it was in the environment; else it is asked for. */
  readonly own: string | undefined;
}

const isCalled = (each: { readonly id: string; readonly name: string }, name: string): boolean =>
  each.id === name || each.name.toLowerCase() === name.toLowerCase();

/** The connections and projects that are named, with the connections that those projects use. Fails with NOT_FOUND. */
async function chosen(
  session: Session,
  names: readonly string[],
  projectNames: readonly string[],
): Promise<{ ids: string[]; projects: string[] }> {
  const projects = await session.api.projects.list();
  const taken = projectNames.map((name) => {
    const found = projects.find((each) => isCalled(each, name));
    if (!found) throw new AppError('NOT_FOUND', say('command.noProject', { name }));
    return found;
  });
  const all = names.length === 0 ? [] : await allConnections(session, undefined);
  const named = names.flatMap((name) => {
    const found = all.filter((each) => isCalled(each, name));
    if (found.length === 0) throw new AppError('NOT_FOUND', say('command.noConnection', { name }));
    return found.map(({ id }) => id);
  });
  const ids = [...new Set([...named, ...taken.map(({ connectionId }) => connectionId)])];
  return { ids, projects: taken.map(({ id }) => id) };
}

async function handOut(
  { text }: HandedOver,
  out: string | undefined,
  what: Said,
  to: Console,
): Promise<number> {
  if (out === undefined) {
    to.out.write(text ?? '');
    return exits.done;
  }
  await writeOwn(resolve(out), text ?? '');
  print(to, { path: out }, () => say('console.of', { name: out, what }));
  return exits.done;
}

const howMany = (connections: number, projects: number) => ({
  connections: say('console.connections', { count: connections }),
  projects: say('console.projects', { count: projects }),
});

/** `export [connection …] [--project NAME …]`: without secrets; all connections where nothing is named. */
export async function exportCommand(
  session: Session,
  names: readonly string[],
  options: ExportOptions,
  to: Console,
): Promise<number> {
  const { ids, projects } = await chosen(session, names, options.projects);
  const answer = await session.api.connections.export({ ...(ids.length > 0 ? { ids } : {}), projects });
  const what = say('console.exported', howMany(answer.count, projects.length));
  return handOut(answer, options.out, what, to);
}

/** `seal [connection …] [--project NAME …] [--sign-ins] --reason TEXT`: with their secrets, in the age format. */
export async function sealCommand(
  session: Session,
  names: readonly string[],
  { signIns, publicKey, reason, ...options }: SealOptions,
  ask: AskSecret,
  to: Console,
): Promise<number> {
  const { ids, projects } = await chosen(session, names, options.projects);
  if (ids.length === 0 || reason === undefined) {
    tell(to, say('console.sealWhat'));
    return exits.usage;
  }
  const own = options.own ?? (await ask(say('console.ownPassphrase')));
  const whom =
    publicKey === undefined
      ? { passphrase: options.passphrase ?? (await ask(say('asks.bundlePassphrase'))) }
      : { publicKey };
  const answer = await session.api.connections.seal({
    ...{ ids, for: whom, reason, passphrase: own },
    projects: projects.map((id) => ({ id, signIns })),
  });
  const what = say('console.sealed', howMany(answer.count, projects.length));
  const code = await handOut(answer, options.out, what, to);
  if (signIns && projects.length > 0 && !to.json) tell(to, say('console.sharedNow'));
  return code;
}
