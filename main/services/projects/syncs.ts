import { connectionOfAddress } from '../../../preload/contract/connection-address.ts';
import type { Person } from '../../../preload/contract/models.ts';
import { recordCount } from '../../../preload/contract/records.ts';
import { say } from '../../../preload/messages/said.ts';
import { createGrants, holds } from '../../access/grants.ts';
import { connectorFor } from '../../connectors/registry.ts';
import { type Target, wipeTarget } from '../../engines/engine.ts';
import { AppError } from '../../errors.ts';
import type { StoredDataset } from '../../store/data/datasets.ts';
import { type DeltaSpec, deltaSpecOf } from '../../sync/delta-state.ts';
import type { Preparation } from '../../sync/job/runner.ts';
import type { Names } from '../../sync/shape/names.ts';
import { noNames } from '../../sync/shape/names.ts';
import { targetOf } from '../connections/targets.ts';
import type { Handlers, Services } from '../context.ts';
import { credentialOf } from './credential-of.ts';
import { decided, usableDataset } from './datasets.ts';
import { ensureDataset } from './ensure-dataset.ts';
import { freeSchemaName } from './kept.ts';
import { runService } from './runs.ts';

/**
 * A person's own dataset is refreshed with what that person may do today, also by the clock. Fails with PERMISSION_DENIED or
 * CONNECTION_NOT_GRANTED.
 */
function insistOwnerMay({ store }: Pick<Services, 'store'>, { personId, connectionId }: StoredDataset): void {
  const owner = personId === null ? null : store.people.find(personId);
  if (!owner) return;
  if (!holds(owner, 'run_syncs')) {
    throw new AppError('PERMISSION_DENIED', say('projects.whoseDatasetMayNot', { owner: owner.name }));
  }
  createGrants(store).insistUse(owner, connectionId);
}

/** Where is landed, and where is read from where that is a database: both or neither, with their secrets. */
async function targetsOf(
  services: Pick<Services, 'store' | 'vault' | 'host'>,
  connectionId: string,
  readOver: string | null,
): Promise<{ target: Target; source: Target | undefined }> {
  const target = await targetOf(services, connectionId);
  try {
    return { target, source: readOver === null ? undefined : await targetOf(services, readOver) };
  } catch (error) {
    wipeTarget(target);
    throw error;
  }
}

/** Collects what one run of a dataset needs, secrets included. Fails with what keeps it from running. */
export async function prepareRun(
  services: Pick<Services, 'store' | 'vault' | 'tokens' | 'host' | 'network'>,
  datasetId: string,
): Promise<{ spec: Preparation; token: string }> {
  const { store } = services;
  const dataset = store.datasets.get(datasetId);
  insistOwnerMay(services, dataset);
  const link = store.links.get(dataset.linkId);
  const source = store.sources.get(dataset.sourceId);
  if (!source.isActive)
    throw new AppError('SOURCE_OFF', say('projects.sourceSwitchedOff', { source: source.name }));
  const credential = credentialOf(services, dataset);
  if (!credential)
    throw new AppError('SIGN_IN_NEEDED', say('projects.nobodySignedDatasetYet', { source: source.name }));
  for (const field of connectorFor(source.sourceType).settings) {
    if (field.required && !source.settings[field.name]) {
      throw new AppError(
        'INPUT_INVALID',
        say('projects.sourceNo', { source: source.name, setting: field.noun }),
        {
          advice: say('projects.sourceNo.advice'),
        },
      );
    }
  }
  const readOver = connectionOfAddress(source.baseUrl);
  // A person's own sign-in lends what that person may use today.
  const owner = dataset.personId === null ? null : store.people.find(dataset.personId);
  if (readOver !== null && owner) createGrants(store).insistUse(owner, readOver);
  const connection = store.connections.get(dataset.connectionId);
  if (connection.readOnly) {
    throw new AppError(
      'CONNECTION_READ_ONLY',
      say('projects.nothingWrittenOverConnection', { connection: connection.name }),
    );
  }
  // Before the target's secrets are taken out: it may take a while, and fail.
  const token = await services.tokens.accessToken(credential.id, source.baseUrl);
  const published = await store.dictionaries.read(datasetId);
  const { readerRoles } = link.syncConfig;
  const places = await targetsOf(services, dataset.connectionId, readOver);
  // Who reads with a leased login reads as a member of this role.
  const lent = connection.lease === null ? [] : [connection.lease.readerRole];
  return {
    spec: {
      datasetId,
      workspaceId: store.workspaceId,
      schema: dataset.schemaName,
      target: places.target,
      source: {
        ...{ type: source.sourceType, baseUrl: source.baseUrl, settings: source.settings },
        signIn: credential.kind,
        ...(places.source && { target: places.source }),
      },
      route: await services.network.routeTo(source),
      datasets: link.syncConfig.datasets,
      options: link.syncConfig.options,
      keepRaw: link.syncConfig.keepRaw && connectorFor(source.sourceType).hasNoOriginals !== true,
      refreshViews: link.syncConfig.refreshViews,
      secondColumn: link.syncConfig.secondColumn,
      readerRoles: [...new Set([...readerRoles, ...lent])],
      names: (store.datasets.names(datasetId) as Names | null) ?? noNames,
      delta: deltaSpecOf(
        link.syncConfig.refresh,
        recordCount(dataset.rowCounts),
        store.deltas.find(datasetId) as DeltaSpec['base'],
        services.host.clock.now(),
      ),
      guards: { on: link.syncConfig.guards, shrinkPercent: link.syncConfig.shrinkPercent },
      published: {
        rowCounts: dataset.rowCounts,
        tables: published?.tables ?? [],
      },
      notes: store.notes.list(dataset).map(({ by: _, at: __, declined: ___, ...note }) => note),
    },
    token,
  };
}

/** Sync jobs. */
export function syncService(services: Services): Handlers<'syncs'> {
  const { store, jobs } = services;
  /** Fails with PERMISSION_DENIED for a job of somebody else's dataset, CONNECTION_NOT_GRANTED for one of another's target. */
  const own = (jobId: string, person: Person): void =>
    void usableDataset(services, store.jobs.get(jobId).datasetId, person);
  return {
    'syncs.start'({ linkId, whole }, { person }) {
      const link = store.links.get(linkId);
      services.access.grants.insistUse(person, store.projects.get(link.projectId).connectionId);
      const dataset = ensureDataset(services, link, person.id);
      // Its name was somebody else's before anything was published under it: another one is as good.
      if (dataset.dataAsOf === null && dataset.error?.code === 'SCHEMA_NOT_OURS') {
        const owner = dataset.personId ?? link.projectId;
        store.datasets.rename(dataset.id, freeSchemaName(services, owner, link.sourceType), services.now());
      }
      const { held } = dataset;
      if (whole) store.deltas.remove(dataset.id);
      const job = jobs.start(dataset.id, 'person');
      // What was held is read anew.
      if (held !== null && job.id !== held.jobId) decided(services, held.jobId, 'replaced', person);
      return job;
    },
    async 'syncs.pause'({ id }, { person }) {
      own(id, person);
      return jobs.pause(id);
    },
    'syncs.resume'({ id }, { person }) {
      own(id, person);
      return jobs.resume(id);
    },
    'syncs.takeOver'({ id }, { person, record }) {
      own(id, person);
      // Before it: whoever loses the job can look up why.
      record();
      return jobs.takeOver(id);
    },
    async 'syncs.cancel'({ id }, { person }) {
      own(id, person);
      return jobs.cancel(id);
    },
    ...runService(services),
  };
}
