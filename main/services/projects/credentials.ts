import type { Credential, CredentialKind, Person, TypedKind } from '../../../preload/contract/models.ts';
import { rolesWith } from '../../../preload/contract/permissions.ts';
import { say, several } from '../../../preload/messages/said.ts';
import { holds } from '../../access/grants.ts';
import type { Connector, Identity } from '../../connectors/connector.ts';
import { connectorFor } from '../../connectors/registry.ts';
import type { Opened } from '../../connectors/session.ts';
import { secretsIn, signInOfKind, type Typed } from '../../connectors/sign-in.ts';
import { AppError } from '../../errors.ts';
import { lacksScope, type TokenSet } from '../../oauth/endpoint.ts';
import { signIn } from '../../oauth/flow.ts';
import { signInPages } from '../../oauth/pages.ts';
import { sealedTokens, sealedTyped } from '../../oauth/sealed.ts';
import type { CredentialFields, Owner } from '../../store/data/credentials.ts';
import type { StoredSource } from '../../store/data/sources.ts';
import { emitChanged, type Handlers, type Services } from '../context.ts';
import { signInOf } from './credential-of.ts';
import { insistLent } from './lent.ts';
import { endpointDepsOf, insistClientId, oauthClientOf } from './oauth-client.ts';
import { revocation, revokeSecrets } from './revocation.ts';
import { sourceDatabase, sourceHttp } from './source-http.ts';
import { checkTyped, openTyped, typedWay } from './typed.ts';

/** What a project is read with is decided by who manages it: everybody's next refresh has that account's rights. */
function insistProjectAdmin(person: Person): void {
  if (holds(person, 'manage_projects')) return;
  throw new AppError(
    'PERMISSION_DENIED',
    say('projects.projectsOwnSignNeeds', { roles: { anyOf: rolesWith('manage_projects') } }),
  );
}

/** Told of what the source refuses that was just entered, or that it just handed out. */
const refusedAtOnce = ({ title }: Connector, kind: CredentialKind): AppError =>
  kind === 'api_key'
    ? new AppError('KEY_REFUSED', say('projects.doesNotAcceptUser', { title }))
    : kind === 'password'
      ? new AppError('PASSWORD_REFUSED', say('source.doesNotAcceptPassword', { title }))
      : new AppError('OAUTH_FAILED', say('projects.sourceRefusedTokensJust'));

/** Told of an account that works, but not where the source reads. */
function wrongAccount(
  { settings }: Connector,
  source: StoredSource,
  { account }: Identity,
  known: Credential | null,
): AppError {
  const field = settings.find(({ name }) => source.settings[name]);
  const noAccess = field
    ? say('projects.noAccessTo', {
        account,
        place: say('projects.placeOf', { noun: field.noun, value: source.settings[field.name] ?? '' }),
      })
    : say('projects.noAccessToData', { account });
  const kept =
    known !== null && signInOf(known) === 'valid'
      ? say('projects.signInKept', { account: known.account })
      : say('projects.nothingStored');
  return new AppError('WRONG_ACCOUNT', several([noAccess, kept]));
}

/** Sign-ins: the person's own and those of projects. */
export function credentialService(services: Services): Handlers<'credentials'> {
  const { store, vault, tokens, shared, host, emit } = services;
  const changed = (): void => emitChanged(services, 'credentials', 'sources', 'datasets');

  /** Whose it may be, and the one that is there. */
  const placeOf = (sourceId: string, projectId: string | undefined, person: Person) => {
    const source = store.sources.get(sourceId);
    if (projectId !== undefined) {
      store.projects.get(projectId);
      insistProjectAdmin(person);
    }
    const owner: Owner = projectId === undefined ? { personId: person.id } : { projectId };
    return { source, owner, known: () => store.credentials.findOwned(sourceId, owner) };
  };
  type Place = ReturnType<typeof placeOf>;

  /**
   * Who signed in, and that this account can read where the source reads: asked before anything is stored under a name. One
   * that can't is not stored either where nobody is signed in: every refresh would fail, and the source would look ready.
   */
  const prove = async (
    { source, known }: Place,
    { kind, token }: { kind: CredentialKind; token: string },
    signal: AbortSignal,
  ): Promise<Identity> => {
    const connector = connectorFor(source.sourceType);
    const refused = (): Promise<never> => Promise.reject(refusedAtOnce(connector, kind));
    const http = sourceHttp(services, source, { current: async () => token, renew: refused }, kind);
    const via = { http, signal, database: sourceDatabase(services, source) };
    const identity = await connector.identity(via);
    const { settings } = source;
    if (await connector.reaches({ ...via, settings, kind })) return identity;
    throw wrongAccount(connector, source, identity, known());
  };

  /** Stores what was proven; the owner's credential stays where there is one, and what it held is ended at its source. */
  const keepProven = async (
    { source, owner, known }: Place,
    fields: CredentialFields,
    seal: { anew: (id: string) => Promise<void>; inPlace: (id: string) => Promise<void> },
  ): Promise<Credential> => {
    const there = known();
    if (!there) {
      const id = services.newId();
      await seal.anew(id);
      try {
        return store.credentials.create(id, source.id, owner, fields, services.now());
      } catch (error) {
        vault.delete(id);
        throw error;
      }
    }
    const before = await vault.get(there.id).catch(() => null);
    await seal.inPlace(there.id);
    const renewed = store.credentials.renew(there.id, fields, services.now());
    // Where a key took the place of a sign-in that others share, that is theirs to go on with.
    if (before?.['share'] === undefined || shared.isShared(there.id))
      await revokeSecrets(services, there.id, source, before);
    return renewed;
  };

  /** Proves and stores a fresh pair; one that is not kept is ended at its source. */
  const keepPair = async (
    place: Place,
    fresh: TokenSet,
    person: Person,
    signal: AbortSignal,
  ): Promise<Credential> => {
    const { source } = place;
    // Sealed before they are used for anything: what a crash leaves behind is then at least not in the clear.
    const sealedId = services.newId();
    const sealed = sealedTokens(fresh, source.baseUrl);
    await vault.put(sealedId, sealed);
    let kept = false;
    try {
      const connector = connectorFor(source.sourceType);
      const { title } = connector;
      const wanted = signInOfKind(connector, 'oauth')?.endpoints.scopes ?? [];
      if (lacksScope(fresh.scopes, wanted))
        throw new AppError('OAUTH_DENIED', say('projects.didNotAllowHeadgate', { title }));
      const identity = await prove(place, { kind: 'oauth', token: fresh.accessToken }, signal);
      const fields: CredentialFields = {
        ...identity,
        scopes: fresh.scopes ?? wanted,
        accessExpiresAt: new Date(host.clock.now() + fresh.expiresIn * 1000).toISOString(),
        renewable: fresh.refreshToken !== null,
        signedInBy: person.id,
      };
      const inPlace = async (id: string): Promise<void> => {
        await tokens.keep(id, fresh, source.baseUrl);
        kept = true;
      };
      return await keepProven(place, fields, {
        inPlace,
        async anew(id) {
          await vault.put(id, sealed);
        },
      });
    } catch (error) {
      if (!kept) await revokeSecrets(services, sealedId, source, sealed);
      throw error;
    } finally {
      vault.delete(sealedId);
    }
  };

  /** Proves and stores what was typed in; a session that is not kept is ended at its source. */
  const keepTyped = async (
    place: Place,
    kind: TypedKind,
    { entered, opened }: { readonly entered: Typed; readonly opened: Opened },
    person: Person,
    signal: AbortSignal,
  ): Promise<Credential> => {
    const { source } = place;
    const { token, endsAt, isSession } = opened;
    const sealed = sealedTyped(entered, token, source.baseUrl);
    let kept = false;
    try {
      const identity = await prove(place, { kind, token }, signal);
      const accessExpiresAt = endsAt === null ? null : new Date(endsAt).toISOString();
      const fields: CredentialFields = {
        ...{ ...identity, scopes: [], accessExpiresAt, renewable: isSession },
        ...{ kind, signedInBy: person.id },
      };
      const inPlace = async (id: string): Promise<void> => {
        await tokens.keepTyped(id, sealed);
        kept = true;
      };
      return await keepProven(place, fields, { inPlace, anew: (id) => vault.put(id, sealed) });
    } catch (error) {
      if (!kept) await revokeSecrets(services, source.id, source, sealed);
      throw error;
    }
  };

  /** Tells the other workspaces; a database that is away keeps nobody, they are refused at the source then. */
  const endForAll = async (id: string): Promise<'told' | 'unknown'> => {
    try {
      // What is revoked at the source is the newest of all.
      await tokens.catchUp(id).catch((error: unknown) => {
        if ((error as { code?: unknown }).code !== 'SIGN_IN_EXPIRED') throw error;
      });
      return (await shared.end(id, 'disconnected')) ? 'told' : 'unknown';
    } catch (error) {
      host.log.warn('shared_sign_in.end_not_told', { credentialId: id, error });
      return 'unknown';
    }
  };

  return {
    'credentials.list': (_, { person }) =>
      store.credentials.listFor(person.id).map((each) => ({ ...each, isShared: shared.isShared(each.id) })),
    async 'credentials.signIn'({ sourceId, projectId }, { person, seat, signal }) {
      const place = placeOf(sourceId, projectId, person);
      insistClientId(place.source);
      // Before the person is sent to the browser: tokens that can't be sealed would be lost.
      await vault.unlock();
      const deps = {
        ...endpointDepsOf(services, place.source),
        bytes: host.random,
        openUrl: (url: string) => host.openUrl(url),
        onUrl: (url: string) => emit('signIn.opened', { sourceId, url }),
        pages: await signInPages((told) => seat.desk.write(told)),
        signal,
      };
      try {
        return await signIn(await oauthClientOf(services, place.source), deps, (fresh) =>
          keepPair(place, fresh, person, signal),
        );
      } finally {
        changed();
      }
    },
    async 'credentials.signInWith'({ sourceId, projectId, kind, fields: typed }, { person, signal }) {
      const place = placeOf(sourceId, projectId, person);
      const { source } = place;
      const way = typedWay(source, kind);
      // What it can read is the project's then.
      insistLent(services, source, person);
      // Whatever is said of it meanwhile is said without it.
      const forget = secretsIn(way, typed).map((secret) => host.redactor.add(secret));
      try {
        const entered = checkTyped(way, typed);
        forget.push(...secretsIn(way, entered).map((secret) => host.redactor.add(secret)));
        await vault.unlock();
        const opened = await openTyped(services, source, way, entered, signal);
        if (opened.token !== '') forget.push(host.redactor.add(opened.token));
        return await keepTyped(place, kind, { entered, opened }, person, signal);
      } finally {
        for (const each of forget) each();
        changed();
      }
    },
    async 'credentials.disconnect'({ id, everywhere }, { person, tell }) {
      const credential = store.credentials.get(id);
      if (credential.personId !== null && credential.personId !== person.id) {
        throw new AppError('PERMISSION_DENIED', say('projects.signBelongsSomebodyElse'));
      }
      if (credential.projectId !== null) insistProjectAdmin(person);
      const isShared = shared.isShared(id);
      if (isShared && everywhere === undefined) {
        throw new AppError('IN_USE', say('projects.otherWorkspacesReadSign'), {
          advice: say('projects.otherWorkspacesReadSign.advice'),
        });
      }
      const forAll = isShared && everywhere === true;
      const others = forAll ? await endForAll(id) : null;
      const revoke = await revocation(services, [id], forAll);
      store.credentials.delete(id);
      changed();
      if (isShared) tell(`everywhere=${forAll}`);
      const atSource = await revoke();
      return {
        atSource: credential.kind === 'api_key' ? 'stays' : atSource,
        ...(others === null ? {} : { others }),
      };
    },
  };
}
