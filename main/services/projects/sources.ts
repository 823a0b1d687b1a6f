import { isDeepStrictEqual } from 'node:util';
import { connectionOfAddress } from '../../../preload/contract/connection-address.ts';
import {
  type DatasetChoice,
  longestDatasetName,
  type Person,
  type SignInWay,
  type Source,
  type SourceTypeInfo,
} from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { differences, plainly, type Shown, whether } from '../../access/differences.ts';
import { type AskContext, type Connector, type FoundDataset, scopeOf } from '../../connectors/connector.ts';
import { allConnectors, connectorFor } from '../../connectors/registry.ts';
import { signInOfKind } from '../../connectors/sign-in.ts';
import { AppError, badField } from '../../errors.ts';
import { originOf } from '../../oauth/sealed.ts';
import type { Owner } from '../../store/data/credentials.ts';
import type { StoredSource } from '../../store/data/sources.ts';
import { budgetKey } from '../../sync/job/budget.ts';
import { emitChanged, given, type Handlers, type Services } from '../context.ts';
import { letGo } from './kept.ts';
import { insistLent } from './lent.ts';
import { hasClientSecret, sealedClientSecret } from './oauth-client.ts';
import { leftBy, replaceDatasets } from './replace.ts';
import { revocation } from './revocation.ts';
import { sourceVia } from './source-http.ts';
import { insistTrusted } from './trusted.ts';

type Via = Pick<AskContext, 'http' | 'database'>;

/** A dataset as people choose it. */
const choiceOf = ({ name, label, description, onRequest, total, isRough }: FoundDataset): DatasetChoice => ({
  ...{ name, label: label.slice(0, 1000), description: description.slice(0, 2000) },
  total: total !== null && Number.isSafeInteger(total) && total >= 0 ? total : null,
  ...(isRough && { rough: true }),
  usual: onRequest !== true,
  tellsChanges: false,
});

/** A kind of source as the window draws its forms from it. */
export const typeInfo = (connector: Connector): SourceTypeInfo => ({
  type: connector.type,
  title: connector.title,
  defaultBaseUrl: connector.defaultBaseUrl,
  signIn: connector.signIn.map(
    (way): SignInWay =>
      way.kind === 'oauth'
        ? {
            ...{ kind: way.kind, defaultClientId: way.defaultClientId, clientAuth: way.clientAuth },
            registerPath: way.registerPath ?? null,
          }
        : { kind: way.kind, fields: [...way.fields] },
  ),
  settings: connector.settings.map(({ name, label, help, required, isScope }) => ({
    ...{ name, label, help, required },
    scope: isScope === true,
  })),
  options: connector.options.map((option) => ({ ...option, datasets: [...option.datasets] })),
  datasets: connector.datasets.map(({ tellsChanges, ...dataset }) => ({
    ...choiceOf({ ...dataset, total: null }),
    tellsChanges: tellsChanges === true,
  })),
  discovers: connector.discovery !== undefined,
  hasOriginals: connector.hasNoOriginals !== true,
});

const told: Shown<StoredSource> = {
  ...{ name: plainly, baseUrl: plainly, clientId: plainly, clientAuth: plainly, isActive: plainly },
  settings: (settings) => JSON.stringify(settings),
  tlsCa: whether,
};

/** Data sources and what can be seen there. */
export function sourceService(services: Services): Handlers<'sources'> {
  const { store, vault } = services;
  const view = (source: StoredSource, personId: string): Source => ({
    ...source,
    hasClientSecret: hasClientSecret(services, source.id),
    credential: store.credentials.findOwned(source.id, { personId }),
  });
  const changed = (): void => emitChanged(services, 'sources');

  /** An address as it is copied from a browser has more in it than where the server is; what was entered as such counts. */
  const tidied = <T extends { baseUrl: string; settings: Record<string, string> }>(
    sourceType: string,
    input: T,
  ): T => {
    const { baseUrl, settings } = connectorFor(sourceType).tidyAddress?.(input.baseUrl) ?? {
      baseUrl: input.baseUrl,
      settings: {},
    };
    return { ...input, baseUrl, settings: { ...settings, ...input.settings } };
  };

  /**
   * Whether a source of this kind is read over a connection, and over one that this person may use: its tables become readable
   * to everybody who may read the projects.
   */
  const insistPlace = (
    sourceType: string,
    baseUrl: string,
    tlsCa: string | null | undefined,
    person: Person,
  ): void => {
    const lent = connectionOfAddress(baseUrl);
    const isLent = signInOfKind(connectorFor(sourceType), 'connection') !== undefined;
    if (isLent !== (lent !== null))
      throw badField('baseUrl', say(isLent ? 'projects.wantsConnection' : 'projects.wantsAddress'));
    if (lent === null) return;
    if (tlsCa != null) throw badField('tlsCa', say('projects.connectionHasOwn'));
    store.connections.get(lent);
    insistLent(services, { baseUrl }, person);
  };

  const onlyKnown = (source: { sourceType: string; settings: Record<string, string> }): void => {
    const fields = connectorFor(source.sourceType).settings.map((field) => field.name);
    const unknown = Object.keys(source.settings).filter((name) => !fields.includes(name));
    if (unknown.length > 0) {
      throw new AppError(
        'INPUT_INVALID',
        say('projects.kindSourceNoSetting', { unknown: { quoted: unknown } }),
      );
    }
  };

  /** A source with its requests, authorised for the project or for the person. Fails with SIGN_IN_NEEDED. */
  const signedIn = (id: string, projectId: string | undefined, personId: string) => {
    const source = store.sources.get(id);
    const owner: Owner = projectId === undefined ? { personId } : { projectId };
    const credential = store.credentials.findOwned(id, owner);
    if (!credential)
      throw new AppError('SIGN_IN_NEEDED', say('projects.nobodySignedYet', { source: source.name }));
    return { source, credential, via: sourceVia(services, source, credential) };
  };

  /** What a source has of its own, which is kept as it is told; nothing before its scope is chosen. */
  const findOwn = async (
    connector: Connector,
    { id, settings }: StoredSource,
    via: Via,
    signal: AbortSignal,
  ): Promise<DatasetChoice[]> => {
    const scope = scopeOf(connector);
    if (connector.discovery === undefined || (scope && !settings[scope.name])) return [];
    const found = (await connector.discovery.find({ ...via, settings, signal }))
      // A longer name is none that a link could have.
      .filter(({ name }) => name.length <= longestDatasetName)
      .map(choiceOf);
    if (!isDeepStrictEqual(found, store.sources.get(id).datasets)) {
      store.sources.putDatasets(id, found);
      changed();
    }
    return found;
  };

  return {
    'sources.types': () => allConnectors.map(typeInfo),
    'sources.list': (_, { person }) => store.sources.list().map((source) => view(source, person.id)),
    'sources.pace': () =>
      store.sources.list().map(({ id, baseUrl, settings }) => {
        const { limits, waitsUntil } = services.budgets.seen(budgetKey(baseUrl, settings));
        const until = waitsUntil === null ? null : new Date(waitsUntil).toISOString();
        return { sourceId: id, limits: [...limits], waitsUntil: until };
      }),
    async 'sources.create'({ clientSecret, ...given }, caller) {
      const { person, tell } = caller;
      const input = tidied(given.sourceType, given);
      onlyKnown(input);
      insistPlace(input.sourceType, input.baseUrl, input.tlsCa, person);
      await insistTrusted(services, input, caller);
      const id = services.newId();
      if (clientSecret !== undefined) await vault.put(id, sealedClientSecret(clientSecret, input.baseUrl));
      let created: StoredSource;
      try {
        created = store.sources.create({ id, ...input }, person.id, services.now());
      } catch (error) {
        vault.delete(id);
        throw error;
      }
      if (clientSecret !== undefined) tell('clientSecret=set');
      changed();
      return view(created, person.id);
    },
    async 'sources.update'({ id, clientSecret, oldTables, ...wanted }, caller) {
      const { person, tell } = caller;
      const before = store.sources.get(id);
      const fields =
        wanted.baseUrl === undefined
          ? wanted
          : tidied(before.sourceType, {
              ...{ ...wanted, baseUrl: wanted.baseUrl },
              settings: wanted.settings ?? before.settings,
            });
      const change = given(fields);
      if (change.baseUrl !== undefined && change.baseUrl !== before.baseUrl)
        insistPlace(before.sourceType, change.baseUrl, change.tlsCa ?? before.tlsCa, person);
      // Another schema of a lent connection is for whoever may use it to choose.
      if (fields.settings && !isDeepStrictEqual(fields.settings, before.settings))
        insistLent(services, before, person);
      if (fields.settings) onlyKnown({ sourceType: before.sourceType, settings: fields.settings });
      if (change.tlsCa !== undefined && change.tlsCa !== before.tlsCa)
        await insistTrusted(services, { ...before, ...change }, caller);
      const moves = change.baseUrl !== undefined && originOf(change.baseUrl) !== originOf(before.baseUrl);
      // Sign-ins are for the server that gave them out: at another one everybody signs in anew.
      const ending = moves ? store.credentials.idsOfSource(id) : [];
      const revoke = await revocation(services, ending);
      const datasets = store.datasets.allOfSource(id);
      const isElsewhere =
        change.settings !== undefined && !isDeepStrictEqual(change.settings, before.settings);
      const update = (): void => {
        for (const credentialId of ending) store.credentials.delete(credentialId);
        store.sources.update(id, change, services.now());
        // What was found belongs to what was asked.
        if (moves || isElsewhere) store.sources.putDatasets(id, []);
      };
      if (isElsewhere && leftBy(datasets).length > 0) {
        await replaceDatasets(services, { datasets, oldTables, change: update }, caller);
      } else store.transaction(update);
      const updated = store.sources.get(id);
      // A secret is for the server that it was made at, like everything else that is sealed.
      if (clientSecret === null || (moves && clientSecret === undefined)) vault.delete(id);
      else if (clientSecret !== undefined)
        await vault.put(id, sealedClientSecret(clientSecret, updated.baseUrl));
      if (clientSecret !== undefined) tell(`clientSecret=${clientSecret === null ? 'removed' : 'set'}`);
      tell(differences(before, updated, told));
      if (ending.length > 0) tell(`signInsEnded=${ending.length}`);
      changed();
      if (ending.length > 0) emitChanged(services, 'credentials', 'datasets');
      await revoke();
      return view(updated, person.id);
    },
    async 'sources.delete'({ id, dropSchemas: drop }, { person, signal }) {
      store.sources.get(id);
      const keep = await letGo(services, store.datasets.allOfSource(id), drop ? person : null, signal);
      const revoke = await revocation(services, store.credentials.idsOfSource(id));
      store.transaction(() => {
        keep();
        store.sources.delete(id);
      });
      await revoke();
      vault.delete(id);
      emitChanged(services, 'sources', 'credentials', 'links', 'datasets', 'syncs');
      return {};
    },
    async 'sources.discover'({ id, projectId }, { person, signal }) {
      const { source, credential, via } = signedIn(id, projectId, person.id);
      insistLent(services, source, person);
      const connector = connectorFor(source.sourceType);
      const scopes = await connector.scopes({ ...via, signal });
      const own = await findOwn(connector, source, via, signal);
      return { account: credential.account, scopes, datasets: [...typeInfo(connector).datasets, ...own] };
    },
    async 'sources.choices'({ id, projectId }, { person, signal }) {
      const { source, via } = signedIn(id, projectId, person.id);
      insistLent(services, source, person);
      const { settings, sourceType } = source;
      return (await connectorFor(sourceType).choices?.({ ...via, settings, signal })) ?? {};
    },
  };
}
