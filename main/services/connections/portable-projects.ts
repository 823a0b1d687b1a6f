import { connectionOfAddress } from '../../../preload/contract/connection-address.ts';
import type { Person, PortableProject, PortableSource } from '../../../preload/contract/models.ts';
import { type Permission, rolesWith } from '../../../preload/contract/permissions.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { inOneWord } from '../../access/entry.ts';
import { holds } from '../../access/grants.ts';
import { AppError } from '../../errors.ts';
import type { ShareTicket } from '../../oauth/shared-sign-ins.ts';
import type { Services } from '../context.ts';
import { signInOf } from '../projects/credential-of.ts';
import { oauthClientOf } from '../projects/oauth-client.ts';
import { typedIn, typedWay } from '../projects/typed.ts';

/** A project that somebody wants to take along. */
export interface Wanted {
  readonly id: string;
  /** Whether its own sign-ins go too. */
  readonly signIns: boolean;
}

/** A sign-in that is shared from the moment on at which the bundle leaves. */
export interface Sharing {
  readonly credentialId: string;
  readonly connectionId: string;
  readonly ticket: ShareTicket;
}

/** What goes along with connections. */
export interface PortableProjects {
  readonly projects: readonly PortableProject[];
  readonly sources: readonly PortableSource[];
  readonly sharing: readonly Sharing[];
  /** What goes, in words, for the question that is asked outside the page. */
  readonly told: readonly Said[];
}

/** Who takes projects along, or brings them in, manages them and what they read. Fails with PERMISSION_DENIED. */
export function insistManages(person: Person, what: Said): void {
  for (const permission of ['manage_projects', 'manage_sources'] as const satisfies Permission[])
    if (!holds(person, permission))
      throw new AppError(
        'PERMISSION_DENIED',
        say('connections.needsRole', { what, roles: { anyOf: rolesWith(permission) } }),
      );
}

/**
 * Projects with the sources that they read and their links, as a file has them. `secrets`: with the secrets of their sources,
 * and the sign-ins that are wanted. Nothing is changed: what is shared from then on is for the caller to begin. Fails with
 * PERMISSION_DENIED, NOT_FOUND, INPUT_INVALID where the connection of one does not go along, and VAULT_*.
 */
export async function portableProjects(
  services: Pick<Services, 'store' | 'vault' | 'shared'>,
  wanted: readonly Wanted[],
  connectionIds: readonly string[],
  person: Person,
  secrets: boolean,
): Promise<PortableProjects> {
  const projects: PortableProject[] = [];
  const sources: PortableSource[] = [];
  const sharing: Sharing[] = [];
  const told: Said[] = [];
  if (wanted.length === 0) return { projects, sources, sharing, told };
  insistManages(person, say('connections.managing.along'));
  const { store } = services;
  const places = new Map<string, number>();
  const placeOf = async (sourceId: string): Promise<number> => {
    const known = places.get(sourceId);
    if (known !== undefined) return known;
    const source = store.sources.get(sourceId);
    const { name, sourceType, baseUrl, clientId, clientAuth, settings, tlsCa, isActive } = source;
    const secret = secrets ? (await oauthClientOf(services, source)).secret?.value : undefined;
    sources.push({
      ...{ name, sourceType, baseUrl, clientId, clientAuth, settings, tlsCa, isActive },
      ...(secret === undefined ? {} : { clientSecret: secret }),
    });
    told.push(
      secret === undefined ? say('asks.seal.source', { name }) : say('asks.seal.sourceSecret', { name }),
    );
    places.set(sourceId, sources.length - 1);
    return sources.length - 1;
  };
  for (const { id, signIns } of new Map(wanted.map((each) => [each.id, each])).values()) {
    const project = store.projects.get(id);
    const connection = connectionIds.indexOf(project.connectionId);
    if (connection < 0)
      throw new AppError(
        'INPUT_INVALID',
        say('connections.projectUsesDoesNot', {
          project: project.name,
          connectionName: project.connectionName,
        }),
        { advice: say('connections.projectUsesDoesNot.advice') },
      );
    told.push(say('asks.seal.project', { name: project.name }));
    const links: PortableProject['links'] = [];
    const own: PortableProject['signIns'] = [];
    for (const link of store.links.listOf(id)) {
      // The connection that it is read over is this workspace's own.
      if (connectionOfAddress(store.sources.get(link.sourceId).baseUrl) !== null) {
        told.push(say('asks.seal.sourceStays', { name: link.sourceName }));
        continue;
      }
      const source = await placeOf(link.sourceId);
      const { credentialMode, syncConfig, schedule, quietHours, keepIdleHours, isActive } = link;
      links.push({ source, credentialMode, syncConfig, schedule, quietHours, keepIdleHours, isActive });
      const found = secrets && signIns ? await signInOfProject(services, id, link.sourceId) : null;
      if (found === null) continue;
      own.push({ ...found.signIn, source });
      if (found.ticket)
        sharing.push({
          credentialId: found.credentialId,
          connectionId: project.connectionId,
          ticket: found.ticket,
        });
      told.push(say('asks.seal.signIn', { account: found.signIn.account, source: link.sourceName }));
    }
    projects.push({ name: project.name, dbSchema: project.dbSchema, connection, links, signIns: own });
  }
  return { projects, sources, sharing, told };
}

type WithoutSource<T> = T extends unknown ? Omit<T, 'source'> : never;

/** A project's own sign-in as it goes; null where there is none that works. */
async function signInOfProject(
  { store, vault, shared }: Pick<Services, 'store' | 'vault' | 'shared'>,
  projectId: string,
  sourceId: string,
) {
  const credential = store.credentials.findOwned(sourceId, { projectId });
  if (credential === null || signInOf(credential) !== 'valid') return null;
  const { id, account, scopes } = credential;
  const who = { account, externalUserId: store.credentials.externalUserOf(id) };
  type SignIn = WithoutSource<PortableProject['signIns'][number]>;
  if (credential.kind === 'api_key') {
    const { user = '', apiKey = '' } = (await vault.get(id)) ?? {};
    const signIn: SignIn = { ...who, kind: 'api_key', user, apiKey };
    return { credentialId: id, signIn, ticket: null };
  }
  // It is had again with one press where the project goes.
  if (credential.kind === 'none' || credential.kind === 'connection') return null;
  if (credential.kind === 'password') {
    const way = typedWay(store.sources.get(sourceId), 'password');
    const signIn: SignIn = { ...who, kind: 'password', typed: typedIn(way, (await vault.get(id)) ?? {}) };
    return { credentialId: id, signIn, ticket: null };
  }
  const ticket = await shared.ticket(id);
  const signIn: SignIn = { ...who, kind: 'oauth', scopes: [...scopes], share: ticket };
  return { credentialId: id, signIn, ticket };
}

/** What went along, for the log. */
export function toldOf({ projects, sources, sharing }: PortableProjects): string[] {
  if (projects.length === 0) return [];
  const names = (all: readonly { readonly name: string }[]): string =>
    inOneWord(
      all
        .slice(0, namedInLog)
        .map(({ name }) => name.slice(0, 80))
        .join(', '),
    );
  const signIns = projects.flatMap((each) => each.signIns.map(({ account }) => ({ name: account })));
  return [
    `projects=${names(projects)}`,
    `sources=${names(sources)}`,
    ...(signIns.length > 0 ? [`signIns=${names(signIns)}`] : []),
    ...(sharing.length > 0 ? [`shared=${sharing.length}`] : []),
  ];
}
/** How many of each are named there. */
const namedInLog = 50;
