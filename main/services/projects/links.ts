import { isDeepStrictEqual } from 'node:util';
import type { Link, Person, SyncConfig } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { differences, plainly, type Shown } from '../../access/differences.ts';
import { holds } from '../../access/grants.ts';
import { inWords, nextTime } from '../../calendar/times.ts';
import { mayHave } from '../../connectors/connector.ts';
import { connectorFor } from '../../connectors/registry.ts';
import { AppError } from '../../errors.ts';
import type { StoredLink } from '../../store/data/links.ts';
import { emitChanged, given, type Handlers, type Services } from '../context.ts';
import { checkOptions } from '../options.ts';
import { signInOf } from './credential-of.ts';
import { datasetView, freshUntilOf } from './datasets.ts';
import { ensureDataset } from './ensure-dataset.ts';
import { adopt, letGo } from './kept.ts';
import { insistLent } from './lent.ts';
import { replaceDatasets } from './replace.ts';

/** What the log tells of changed options of a link. */
const toldOfSync: Shown<SyncConfig> = {
  datasets: (names) => names.join('+'),
  readerRoles: (names) => names.join('+') || 'none',
  ...{
    keepRaw: plainly,
    guards: plainly,
    shrinkPercent: plainly,
    refreshViews: plainly,
    secondColumn: plainly,
  },
  options: (options) => JSON.stringify(options),
  refresh: ({ how, wholeEveryDays }) => `${how}, everything each ${wholeEveryDays}d`,
};

/** What the log tells of other choices. */
const toldOfLink: Shown<StoredLink> = {
  schedule: inWords,
  quietHours: (part) => (part === null ? 'none' : `${part.from}–${part.to} ${part.zone}`),
  keepIdleHours: (hours) => (hours === null ? 'always' : `${hours}h`),
  isActive: plainly,
  credentialMode: plainly,
};

/** Links of sources to projects. */
export function linkService(services: Services): Handlers<'links'> {
  const { store, access } = services;
  const view = (link: StoredLink, personId: string): Link => {
    const found = store.datasets.find(link.id, link.credentialMode === 'user' ? personId : null);
    const { projectId, sourceId, credentialMode } = link;
    return {
      ...link,
      dataset: found ? datasetView(services, found, personId) : null,
      signIn: signInOf(
        store.credentials.findOwned(sourceId, credentialMode === 'user' ? { personId } : { projectId }),
      ),
      others: credentialMode === 'user' ? othersOf(link, personId) : null,
      people: link.credentialMode === 'user' ? connectedOf(link) : null,
    };
  };
  /** Of those who may read this link's source for themselves, who is signed in to it and who is not. */
  const connectedOf = ({ projectId, sourceId }: StoredLink): NonNullable<Link['people']> => {
    const { connectionId } = store.projects.get(projectId);
    const readers = store.people
      .list()
      .filter(
        (person) =>
          holds(person, 'authorise_sources') &&
          holds(person, 'run_syncs') &&
          access.grants.mayOf(person, connectionId) !== 'see',
      );
    const isConnected = ({ id }: Person): boolean =>
      signInOf(store.credentials.findOwned(sourceId, { personId: id })) === 'valid';
    const [connected, missing] = [readers.filter(isConnected), readers.filter((each) => !isConnected(each))];
    return { connected: connected.map(({ name }) => name), missing: missing.map(({ name }) => name) };
  };
  /** How fresh what the others have of a link is, by the worst of those that have data. Nothing tells who they are. */
  const othersOf = ({ id }: StoredLink, personId: string): NonNullable<Link['others']> => {
    const theirs = store.datasets.allOfLink(id).filter((each) => each.personId !== personId);
    const earliest = (times: (string | null)[]): string | null =>
      times.filter((at) => at !== null).sort()[0] ?? null;
    return {
      datasets: theirs.length,
      dataAsOf: earliest(theirs.map(({ dataAsOf }) => dataAsOf)),
      freshUntil: earliest(theirs.map(freshUntilOf)),
    };
  };
  /** The times of a new schedule; what is overdue stays due. */
  const replanAll = ({ id, schedule }: StoredLink): void => {
    const now = services.host.clock.now();
    for (const { id: datasetId, plan, dataAsOf } of store.datasets.allOfLink(id)) {
      if (plan.plannedAt === null || plan.plannedAt <= now) continue;
      const last = dataAsOf === null ? null : Date.parse(dataAsOf);
      const next = nextTime(schedule, last, Math.max(now, last ?? now));
      store.datasets.plan(datasetId, new Date(next).toISOString(), services.now());
    }
  };
  const changed = (): void => emitChanged(services, 'links', 'projects', 'datasets', 'sources', 'syncs');
  /** Refuses datasets and options that this kind of source does not have. */
  const onlyKnown = (link: { sourceId: string }, { datasets, options }: SyncConfig): void => {
    const connector = connectorFor(store.sources.get(link.sourceId).sourceType);
    checkOptions(connector, options);
    const unknown = datasets.filter((name) => !mayHave(connector, name));
    if (unknown.length > 0) {
      throw new AppError(
        'INPUT_INVALID',
        say('projects.noDataset', { connector: connector.title, unknown: { quoted: unknown } }),
      );
    }
  };

  return {
    'links.list': ({ projectId }, { person }) => {
      if (projectId !== undefined) store.projects.get(projectId);
      return store.reading(() =>
        (projectId === undefined ? store.links.everywhere() : store.links.listOf(projectId)).map((link) =>
          view(link, person.id),
        ),
      );
    },
    'links.create'({ adopt: keptId, ...input }, { person }) {
      store.projects.get(input.projectId);
      onlyKnown(input, input.syncConfig);
      insistLent(services, store.sources.get(input.sourceId), person);
      const created = store.transaction(() => {
        const link = store.links.create({ id: services.newId(), ...input }, services.now());
        if (keptId === undefined) ensureDataset(services, link, person.id);
        else adopt(services, keptId, link, person.id);
        return link;
      });
      changed();
      return view(created, person.id);
    },
    async 'links.update'({ id, oldTables, credentialMode, ...fields }, caller) {
      const { person, tell } = caller;
      const before = store.links.get(id);
      if (fields.syncConfig) {
        onlyKnown(before, fields.syncConfig);
        const chosen = before.syncConfig.datasets;
        if (fields.syncConfig.datasets.some((name) => !chosen.includes(name)))
          insistLent(services, store.sources.get(before.sourceId), person);
      }
      const update = (mode: StoredLink['credentialMode']): void => {
        const link = store.links.update(id, { ...given(fields), credentialMode: mode }, services.now());
        if (!isDeepStrictEqual(before.schedule, link.schedule)) replanAll(link);
        if (before.keepIdleHours !== link.keepIdleHours)
          for (const { id: each } of store.datasets.allOfLink(id)) store.datasets.touch(each, services.now());
      };
      if (credentialMode === undefined || credentialMode === before.credentialMode) {
        store.transaction(() => update(before.credentialMode));
      } else {
        const datasets = store.datasets.allOfLink(id);
        const change = (): void => update(credentialMode);
        await replaceDatasets(services, { datasets, oldTables, change }, caller);
      }
      const updated = store.links.get(id);
      tell(differences(before, updated, toldOfLink));
      tell(differences(before.syncConfig, updated.syncConfig, toldOfSync));
      changed();
      return view(updated, person.id);
    },
    async 'links.delete'({ id, dropSchemas: drop }, { person, signal }) {
      store.links.get(id);
      const keep = await letGo(services, store.datasets.allOfLink(id), drop ? person : null, signal);
      store.transaction(() => {
        keep();
        store.links.delete(id);
      });
      changed();
      return {};
    },
  };
}
