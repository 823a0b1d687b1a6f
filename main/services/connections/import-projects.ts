import { isDeepStrictEqual } from 'node:util';
import type {
  Person,
  PlannedConnection,
  PlannedProject,
  PortableSignIn,
  PortableSource,
} from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { holds } from '../../access/grants.ts';
import { mayHave } from '../../connectors/connector.ts';
import { connectorFor } from '../../connectors/registry.ts';
import type { Typed } from '../../connectors/sign-in.ts';
import { AppError } from '../../errors.ts';
import type { Found, FoundProject } from '../../imports/found.ts';
import { originOf, sealedTyped } from '../../oauth/sealed.ts';
import type { CredentialFields } from '../../store/data/credentials.ts';
import type { StoredLink } from '../../store/data/links.ts';
import type { StoredSource } from '../../store/data/sources.ts';
import type { Caller, Services } from '../context.ts';
import { checkOptions } from '../options.ts';
import { signInOf } from '../projects/credential-of.ts';
import { ensureDataset } from '../projects/ensure-dataset.ts';
import { sealedClientSecret } from '../projects/oauth-client.ts';
import { insistTrusted } from '../projects/trusted.ts';
import { typedWay } from '../projects/typed.ts';
import { insistManages } from './portable-projects.ts';

/** The source that is there already: of the same kind, at the same server, reading the same place. */
function sameSource({ store }: Pick<Services, 'store'>, found: PortableSource): StoredSource | null {
  const isSame = ({ sourceType, baseUrl, settings }: StoredSource): boolean =>
    sourceType === found.sourceType &&
    baseUrl === found.baseUrl &&
    isDeepStrictEqual(settings, found.settings);
  return store.sources.list().find(isSame) ?? null;
}

const isNamed = ({ store }: Pick<Services, 'store'>, name: string): boolean =>
  store.sources.list().some((each) => each.name === name);

/** Fails with INPUT_INVALID where this Headgate does not know such a source, or what is to be read of it. */
function insistKnown(source: PortableSource, links: readonly FoundProject['links'][number][]): void {
  const connector = connectorFor(source.sourceType);
  const unknown = Object.keys(source.settings).filter(
    (name) => !connector.settings.some((field) => field.name === name),
  );
  if (unknown.length > 0)
    throw new AppError(
      'INPUT_INVALID',
      say('connections.kindSourceNoSetting', { unknown: { quoted: unknown } }),
    );
  for (const { syncConfig } of links) {
    checkOptions(connector, syncConfig.options);
    const missing = syncConfig.datasets.filter((name) => !mayHave(connector, name));
    if (missing.length > 0)
      throw new AppError(
        'INPUT_INVALID',
        say('connections.noDataset', { connector: connector.title, missing: { quoted: missing } }),
      );
  }
}

const keySealed = (source: StoredSource, typed: Typed) => {
  const way = typedWay(source, 'api_key');
  return sealedTyped(typed, way.kind === 'api_key' ? way.token(typed) : '', source.baseUrl);
};

const sourceAt = (found: Found, place: number): PortableSource => found.sources?.[place] as PortableSource;

/** What would become of the projects of a file of Headgate; nothing is changed. */
export function planProjects(
  services: Pick<Services, 'store'>,
  found: Found,
  connections: readonly PlannedConnection[],
  person: Person,
): PlannedProject[] {
  const { store } = services;
  const mayNot = !holds(person, 'manage_projects') || !holds(person, 'manage_sources');
  return (found.taken ?? []).map((project): PlannedProject => {
    const { name, dbSchema, links, signIns } = project;
    const connection = connections[project.connection] as PlannedConnection;
    const there = store.projects.findNamed(name);
    const fits = there !== null && connection.existingId === there.connectionId;
    const notes: string[] = [];
    if (mayNot) notes.push('You can not take it: it needs the role project_admin.');
    const beside = store.projects
      .list()
      .find(
        (each) =>
          each.id !== there?.id &&
          each.connectionId === connection.existingId &&
          each.dbSchema === dbSchema &&
          dbSchema !== 'public',
      );
    if (beside) notes.push(`Its schema “${dbSchema}” is that of the project “${beside.name}” too.`);
    let isNew = false;
    const shown = links.map((link): PlannedProject['links'][number] => {
      const source = sourceAt(found, link.source);
      const same = sameSource(services, source);
      const signIn = signIns.find((each) => each.source === link.source);
      const linked =
        there !== null &&
        same !== null &&
        store.links.listOf(there.id).some(({ sourceId }) => sourceId === same.id);
      const own = linked && same ? store.credentials.findOwned(same.id, { projectId: there.id }) : null;
      const signsIn = signIn !== undefined && (own === null || signInOf(own) !== 'valid');
      if (!linked || signsIn) isNew = true;
      if (signIn && !signsIn)
        notes.push(`Its sign-in as ${own?.account} to ${source.name} works, and stays.`);
      if (same !== null && source.clientSecret !== undefined)
        notes.push(`The client of ${same.name} stays as it is here.`);
      return {
        source: same?.name ?? source.name,
        baseUrl: source.baseUrl,
        status: same !== null ? 'same' : isNamed(services, source.name) ? 'taken' : 'new',
        hasClientSecret: source.clientSecret !== undefined,
        signIn: signIn?.account ?? null,
        isShared: signIn?.kind === 'oauth',
      };
    });
    const status = there === null ? 'new' : !fits ? 'taken' : isNew ? 'extended' : 'same';
    return {
      ...{ name, schema: dbSchema, connectionKey: connection.key, status, links: shown },
      notes: [...new Set(notes)],
    };
  });
}

/** What was made of projects of a file, for the answer and for the log. */
export interface MadeProjects {
  readonly projects: { id: string; name: string }[];
  readonly sources: string[];
  readonly signIns: string[];
}

/** Carries out what was decided about the projects of a file; what can't be done is told by `failing`, and the rest is done. */
export async function takeProjects(
  services: Services,
  found: Found,
  wanted: ReadonlySet<string>,
  caller: Caller,
  {
    stands,
    failing,
    goesOn,
  }: {
    /** The connection that stands for a found one now. */
    readonly stands: ReadonlyMap<number, string>;
    readonly failing: (where: string, work: () => Promise<void> | void) => Promise<void>;
    readonly goesOn: () => Promise<boolean>;
  },
): Promise<MadeProjects> {
  const { store, vault } = services;
  const made: MadeProjects = { projects: [], sources: [], signIns: [] };
  const { person } = caller;
  const sourceOf = new Map<number, StoredSource>();

  const ensureSource = async (place: number): Promise<StoredSource> => {
    const source = sourceAt(found, place);
    const there = sourceOf.get(place) ?? sameSource(services, source);
    if (there) {
      sourceOf.set(place, there);
      return there;
    }
    await insistTrusted(services, source, caller);
    const id = services.newId();
    const { clientSecret, isActive, ...fields } = source;
    if (clientSecret !== undefined) await vault.put(id, sealedClientSecret(clientSecret, source.baseUrl));
    try {
      store.sources.create({ id, ...fields }, person.id, services.now());
    } catch (error) {
      vault.delete(id);
      throw error;
    }
    const created = store.sources.update(id, { isActive }, services.now());
    made.sources.push(created.name);
    sourceOf.set(place, created);
    return created;
  };

  const ensureProject = (project: FoundProject): string => {
    const connectionId = stands.get(project.connection);
    if (connectionId === undefined) throw new AppError('NOT_FOUND', say('connections.connectionNotImported'));
    services.access.grants.insistUse(person, connectionId);
    const there = store.projects.findNamed(project.name);
    if (there && there.connectionId !== connectionId)
      throw new AppError('NAME_TAKEN', say('connections.alreadyProjectNamed', { project: project.name }), {
        advice: say('connections.alreadyProjectNamed.advice'),
      });
    if (there) return there.id;
    const { name, dbSchema } = project;
    const id = services.newId();
    store.projects.create({ id, name, connectionId, dbSchema }, person.id, services.now());
    return id;
  };

  const takeSignIn = async (
    projectId: string,
    source: StoredSource,
    signIn: PortableSignIn,
    connectionId: string,
  ): Promise<void> => {
    const there = store.credentials.findOwned(source.id, { projectId });
    if (there !== null && signInOf(there) === 'valid') return;
    const { account, externalUserId } = signIn;
    const id = there?.id ?? services.newId();
    const fields: CredentialFields = {
      ...{ account, externalUserId, signedInBy: person.id, kind: signIn.kind },
      ...(signIn.kind === 'oauth'
        ? { scopes: signIn.scopes, renewable: true, accessExpiresAt: services.now() }
        : signIn.kind === 'api_key'
          ? { scopes: [], renewable: false, accessExpiresAt: null }
          : // What is sent for the password is had with the first request.
            { scopes: [], renewable: true, accessExpiresAt: services.now() }),
    };
    const sealed =
      signIn.kind === 'oauth'
        ? services.shared.imported(signIn.share, connectionId, originOf(source.baseUrl))
        : signIn.kind === 'api_key'
          ? keySealed(source, { user: signIn.user, apiKey: signIn.apiKey })
          : sealedTyped(signIn.typed, '', source.baseUrl);
    await vault.put(id, sealed);
    if (there) store.credentials.renew(id, fields, services.now());
    else
      try {
        store.credentials.create(id, source.id, { projectId }, fields, services.now());
      } catch (error) {
        vault.delete(id);
        throw error;
      }
    made.signIns.push(account);
    // What is wrong with it is better told now than by the first sync; it stays, for the database may only be away.
    if (signIn.kind === 'oauth')
      await failing(`sign-in as ${account}`, async () => {
        await services.tokens.accessToken(id, source.baseUrl);
      });
  };

  for (const project of found.taken ?? []) {
    if (!wanted.has(project.name)) continue;
    if (!(await goesOn())) break;
    await failing(project.name, async () => {
      insistManages(person, say('connections.managing.import'));
      const projectId = ensureProject(project);
      const connectionId = stands.get(project.connection) as string;
      made.projects.push({ id: projectId, name: project.name });
      for (const link of project.links) {
        const { name } = sourceAt(found, link.source);
        await failing(`${project.name}, ${name}`, async () => {
          insistKnown(sourceAt(found, link.source), [link]);
          const source = await ensureSource(link.source);
          if (!store.links.listOf(projectId).some(({ sourceId }) => sourceId === source.id)) {
            const { source: _, ...choices } = link;
            const fields = { id: services.newId(), projectId, sourceId: source.id, ...choices };
            store.transaction(() => {
              const created: StoredLink = store.links.create(fields, services.now());
              ensureDataset(services, created, person.id);
            });
          }
          const signIn = project.signIns.find((each) => each.source === link.source);
          if (signIn) await takeSignIn(projectId, source, signIn, connectionId);
        });
      }
    });
  }
  return made;
}
