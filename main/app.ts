import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EventName } from '../preload/contract/channels.ts';
import { connectionOfAddress } from '../preload/contract/connection-address.ts';
import type { Envelope } from '../preload/contract/errors.ts';
import { type Events, events } from '../preload/contract/events.ts';
import type { Job } from '../preload/contract/models.ts';
import { roles } from '../preload/contract/permissions.ts';
import { say } from '../preload/messages/said.ts';
import { createAccess } from './access/access.ts';
import { createAgentRules } from './access/agent-calls.ts';
import { createAuditAnchors } from './access/audit-anchors.ts';
import { createAuditSeal } from './access/audit-seal.ts';
import type { Seat } from './access/seats.ts';
import { createDispatch } from './dispatch.ts';
import { AppError } from './errors.ts';
import { type Desk, fractionsOf, type Host, uuid } from './host.ts';
import { createMemory, thisV8 } from './memory.ts';
import type { Lookup } from './notices/reach.ts';
import { createSharedSignIns } from './oauth/shared-sign-ins.ts';
import { createTokenKeeper } from './oauth/tokens.ts';
import { osProcesses } from './os-process.ts';
import { loadGrammar } from './query/check/grammar.ts';
import { createTimetable } from './schedule/timetable.ts';
import { appService } from './services/app.ts';
import { connectionTestService } from './services/connections/connection-tests.ts';
import { connectionService } from './services/connections/connections.ts';
import { deletedConnectionService } from './services/connections/deleted.ts';
import { createHealthChecks } from './services/connections/health.ts';
import { importService } from './services/connections/imports.ts';
import { leaseService } from './services/connections/leases.ts';
import { createLentLogins } from './services/connections/lent-logins.ts';
import { portableService } from './services/connections/portable.ts';
import { createReaders } from './services/connections/readers.ts';
import { rotationService } from './services/connections/rotation.ts';
import { createRotations } from './services/connections/rotation-work.ts';
import { structureService } from './services/connections/structure.ts';
import { targetOf } from './services/connections/targets.ts';
import type { Services } from './services/context.ts';
import { createNetwork } from './services/network.ts';
import { createNetworkWatch } from './services/network-watch.ts';
import { createNotices } from './services/notices/create.ts';
import { agentService } from './services/people/agents.ts';
import { auditService } from './services/people/audit.ts';
import { createSecretClipboard } from './services/people/clipboard.ts';
import { grantService } from './services/people/grants.ts';
import { peopleService } from './services/people/people.ts';
import { policyService } from './services/people/policy.ts';
import { proxyService } from './services/people/proxy.ts';
import { retentionService } from './services/people/retention.ts';
import { secretService } from './services/people/secrets.ts';
import { sessionService } from './services/people/session.ts';
import { vaultService } from './services/people/vault.ts';
import { credentialOf } from './services/projects/credential-of.ts';
import { credentialService } from './services/projects/credentials.ts';
import { datasetService } from './services/projects/datasets.ts';
import { dictionaryService } from './services/projects/dictionary.ts';
import { keptService } from './services/projects/kept.ts';
import { linkService } from './services/projects/links.ts';
import { oauthClientOf } from './services/projects/oauth-client.ts';
import { projectService } from './services/projects/projects.ts';
import { createSharedTable } from './services/projects/shared-table.ts';
import { sourceService } from './services/projects/sources.ts';
import { prepareRun, syncService } from './services/projects/syncs.ts';
import { reopenTyped } from './services/projects/typed.ts';
import { createProxySetting } from './services/proxy-setting.ts';
import { createQueryRoom } from './services/query/queries.ts';
import { createSample } from './services/sample/sample.ts';
import { timetableEntries } from './services/timetable/entries.ts';
import { timetableService } from './services/timetable/timetable.ts';
import type { StoredDetail } from './store/connections/connections.ts';
import { openStore } from './store/index.ts';
import { createBudgets } from './sync/job/budget.ts';
import { createJobs, type Following } from './sync/job/jobs.ts';
import { paceProgress } from './sync/job/pace.ts';
import { runInThread } from './sync/job/thread.ts';
import { createThreads } from './sync/job/threads.ts';
import { openVault } from './vault/vault.ts';

/** So long a turn of the timetable may still take when Headgate closes. */
const longestTurnMs = 3000;

/** What one seat has of the core. */
export interface Place {
  /** One call of the contract, as the person who is signed in there. Never throws. */
  call(name: string, input: unknown, callId: string): Promise<Envelope<unknown>>;
  cancel(callId: string): void;
  /** All events, parsed by the contract; returns what stops listening. */
  onEvent(listener: (name: EventName, payload: unknown) => void): () => void;
  /**
   * Resolves with the job when it has ended, however, or was paused by a person or by closing. What another process runs is
   * waited for, and taken up here when that one goes away.
   */
  jobEnded(jobId: string, following?: Following): Promise<Job>;
}

/** The whole core behind one function; both hosts, the command line and the tests use it the same way. It is the place of its host. */
export interface App extends Place {
  /** One more place, with a session of its own; it ends with `leave`, and with it what is only read there. */
  openPlace(kind: Seat['kind'], desk: Desk): Place & { leave(): void };
  /** Starts the refreshes by the clock; for hosts that stay. They end with `close`. */
  startTimetable(): void;
  /** Does what is due by the clock now; the timetable looks each minute. */
  tick(): Promise<void>;
  /** Stops running work at a safe point, within some seconds, and closes the files. */
  close(): Promise<void>;
  readonly runningSyncs: number;
}

/** What an app can be given in the place of its own. */
export interface AppParts {
  /** Runs one sync; in a worker thread unless given. */
  readonly runSync?: typeof runInThread;
  /** Finds the addresses that messages go to; the system's unless given. */
  readonly lookup?: Lookup;
}

/** Builds every service on a host. Fails with STORE_TOO_NEW or STORE_UNAVAILABLE. */
export async function createApp(host: Host, { runSync = runInThread, lookup }: AppParts = {}): Promise<App> {
  mkdirSync(host.dataFolder, { recursive: true, mode: 0o700 });
  const now = (): string => new Date(host.clock.now()).toISOString();
  const newId = (): string => uuid(host.random(16));
  const store = openStore(join(host.dataFolder, 'headgate.db'), { now, newId });
  // Tests that a process took along when it ended.
  store.connections.dropFirstTest(null);
  const vault = await openVault({
    file: join(host.dataFolder, 'vault.db'),
    protector: host.protector,
    protectorProblem: host.protectorProblem,
    random: host.random,
    now,
    redactor: host.redactor,
    log: host.log,
  });
  type Listener = (name: EventName, payload: unknown) => void;
  const listeners = new Map<Listener, Seat>();
  /** At one seat, or at every one. */
  const emit = <N extends EventName>(name: N, payload: Events[N], at?: Seat): void => {
    const parsed = events[name].parse(payload);
    for (const [listener, seat] of listeners) {
      if (at !== undefined && at !== seat) continue;
      // What goes on in the workspace is nothing for an agent: it is held to one project.
      if (seat.kind === 'agent') continue;
      // Behind a lock a window learns that something changed, not what.
      const always = name === 'session.changed' || name === 'store.changed';
      if (always || seat.session.person() !== null) listener(name, parsed);
    }
  };

  const random = fractionsOf(host.random);
  const proxy = createProxySetting({ host, store, vault });
  const network = createNetwork({ host, proxy });
  /** The first host on the way to a database. */
  const entryOf = ({ ssh, host: name }: StoredDetail): string => ssh[0]?.host ?? name;
  /** Whether a dataset can't be synced because there is no network to its source, or to where its tables are. */
  const mustWait = (datasetId: string): boolean => {
    if (!network.isOffline()) return false;
    const { sourceId, connectionId } = store.datasets.get(datasetId);
    const target = store.connections.get(connectionId);
    const { baseUrl } = store.sources.get(sourceId);
    const lent = connectionOfAddress(baseUrl);
    const from = lent === null ? new URL(baseUrl).hostname : entryOf(store.connections.get(lent));
    return network.mustWait([from, entryOf(target)]);
  };
  const sourceOf = (credentialId: string) => store.sources.get(store.credentials.get(credentialId).sourceId);
  const holder = newId();
  /** Shared sign-ins whose row was refused: told once, until it is good again. */
  const refusedShares = new Set<string>();
  const shared = createSharedSignIns({
    ...{ store, vault, newId, holder, clock: host.clock, log: host.log, random: host.random },
    table: createSharedTable({ store, vault, host }),
    onRefused(credentialId, error) {
      if (error === null) return void refusedShares.delete(credentialId);
      if (refusedShares.has(credentialId)) return;
      refusedShares.add(credentialId);
      host.log.warn('shared_sign_in.refused', { credentialId, error });
      access.background.did('background.share', `credentialId=${credentialId}`, error.message, 'failed');
    },
  });
  const tokens = createTokenKeeper({
    store,
    vault,
    shared,
    clock: host.clock,
    random,
    log: host.log,
    clientOf: async (credentialId) => oauthClientOf({ vault }, sourceOf(credentialId)),
    holder,
    exchangeOf: (credentialId) => network.exchangeFor(sourceOf(credentialId)),
    openTyped: (credentialId, sealed) =>
      reopenTyped(
        { network, host },
        sourceOf(credentialId),
        store.credentials.get(credentialId).kind,
        sealed,
      ),
    onChanged: () => emit('store.changed', { entity: 'credentials' }),
    onRefreshed: (credentialId) => access.background.used('background.token', `credentialId=${credentialId}`),
  });

  /** Nothing is told before there is somebody to tell it to. */
  let noticed = (): void => {};
  const budgets = createBudgets({
    load: (key) => store.budgets.get(key),
    save(key, state) {
      try {
        store.budgets.put(key, state, now());
      } catch (error) {
        // What was learnt is kept in memory, and learnt again after a restart.
        host.log.warn('budget.unsaved', { error });
      }
    },
    now: () => host.clock.now(),
  });
  const threads = createThreads({ worker: host.syncWorker, clock: host.clock });
  const jobs = createJobs({
    store,
    threads,
    log: host.log,
    clock: host.clock,
    random,
    newId,
    budgets,
    atOnce: host.syncsAtOnce,
    run: runSync,
    processes: osProcesses,
    mustWait,
    elapsed: () => performance.now(),
    hide: (text) => host.redactor.text(text),
    target: (connectionId) => targetOf({ store, vault, host }, connectionId),
    async place(datasetId) {
      const dataset = store.datasets.get(datasetId);
      return {
        target: await targetOf({ store, vault, host }, dataset.connectionId),
        schema: dataset.schemaName,
      };
    },
    prepare: (datasetId) => prepareRun({ store, vault, tokens, host, network }, datasetId),
    async tokenRefused(datasetId, token) {
      const credential = credentialOf({ store }, store.datasets.get(datasetId));
      if (credential) await tokens.refused(credential.id, token);
    },
    async renewToken(datasetId, stale, { baseUrl, signIn }) {
      const credential = credentialOf({ store }, store.datasets.get(datasetId));
      if (credential && credential.kind !== signIn) {
        const text = say('core.somebodySignedAnotherKind');
        throw new AppError('SIGN_IN_NEEDED', text, { advice: say('core.startSyncAgain') });
      }
      if (!credential) throw new AppError('SIGN_IN_NEEDED', say('core.signDatasetDisconnected'));
      return tokens.renew(credential.id, stale, baseUrl);
    },
    onProgress: paceProgress((job) => emit('sync.progressed', job), {
      now: () => performance.now(),
      later: (act, ms) => void setTimeout(act, ms).unref(),
    }),
    onChanged(job) {
      const { id, datasetId, status, phase, trigger, finishedAt } = job;
      if (finishedAt !== null) noticed();
      if (job.pausedBy === 'network') networkWatch.look();
      // What a person starts is in the log as their call.
      if (status === 'running' && phase === 'starting' && trigger !== 'person')
        access.background.did('background.sync', `datasetId=${datasetId}`, `job=${id} trigger=${trigger}`);
      emit('store.changed', { entity: 'syncs', ids: [id] });
      emit('store.changed', { entity: 'datasets', ids: [datasetId] });
    },
  });
  jobs.closeOrphans();

  // On first run the person who set the workstation up is everything.
  if (store.people.list().length === 0) store.people.create(newId(), host.userName, roles, now());

  // What a person had open for themselves goes when their session does.
  const onEnded: ((seat: Seat, personId: string) => void)[] = [];
  const auditSeal = createAuditSeal({ store, notes: vault.notes, now, clock: host.clock, log: host.log });
  const auditAnchors = createAuditAnchors({ store, notes: vault.notes });
  const access = createAccess({
    host,
    store,
    now,
    onChanged: (seat, session) => emit('session.changed', session, seat),
    onEnded(seat, personId) {
      for (const end of onEnded) end(seat, personId);
    },
    onRecorded: auditSeal.noted,
  });
  const readers = createReaders({ host, store, vault });
  const clipboard = createSecretClipboard({ host });
  const health = createHealthChecks({ host, store, vault, access, emit, now }, () => noticed());
  const leases = createLentLogins({ host, store, vault, access, readers, emit, now, newId });
  const networkWatch = createNetworkWatch({
    ...{ host, network, readers },
    onOffline(offline) {
      if (offline) jobs.awaitNetwork();
      else jobs.takeUp();
      emit('store.changed', { entity: 'network' });
    },
  });
  const services: Services = {
    ...{ host, store, vault, tokens, shared, access, auditSeal, auditAnchors },
    ...{ jobs, budgets, readers, clipboard, health, leases },
    ...{ network, networkWatch, proxy, newId, now, emit },
  };
  const notices = createNotices(services, lookup);
  noticed = notices.noticed;
  const rotations = createRotations(services);
  const memory = createMemory(thisV8());
  const queryRoom = createQueryRoom(services, {
    // A MB and a half that only whoever asks in SQL needs.
    grammar: async () => {
      memory.compileOnce();
      return loadGrammar((await import('libpg-query/wasm/libpg-query.js')).default);
    },
    memory,
    elapsed: () => performance.now(),
  });
  const sample = createSample(services);
  const stopping = new AbortController();
  const secrets = secretService(services);
  onEnded.push(secrets.hideAt, queryRoom.left, (_, personId) => {
    // Who sits somewhere else too goes on using their logins.
    if (!access.seats.holds(personId)) void leases.endOfPerson(personId);
  });
  /** Null while nothing is done by the clock. */
  let stopTimetable: (() => void) | null = null;
  const timetable = createTimetable({
    entries: timetableEntries(
      services,
      {
        network: async () => void networkWatch.look(),
        lentLogins: leases.sweep,
        rotations: () => rotations.tidy(stopping.signal),
        notices: notices.chore,
      },
      stopping.signal,
    ),
    turns: store.timetable,
    now: () => host.clock.now(),
    log: host.log,
    onTurn: notices.noticed,
  });
  const stopPower = host.desk.onPower((event) => {
    if (event !== 'resume') return;
    readers.doubt();
    // What was missed is made up now, and not within a minute.
    if (stopTimetable !== null) void timetable.tick(true);
  });
  const dispatch = createDispatch({
    handlers: {
      ...appService(services, timetable),
      ...sessionService(services),
      ...policyService(services),
      ...proxyService(services),
      ...retentionService(services),
      ...vaultService(services),
      ...peopleService(services),
      ...grantService(services),
      ...agentService(services),
      ...auditService(services),
      ...secrets.handlers,
      ...connectionService(services),
      ...connectionTestService(services),
      ...deletedConnectionService(services),
      ...rotationService(services, rotations),
      ...structureService(services),
      ...portableService(services),
      ...importService(services),
      ...leaseService(services),
      ...sourceService(services),
      ...credentialService(services),
      ...projectService(services),
      ...linkService(services),
      ...datasetService(services),
      ...dictionaryService(services),
      ...keptService(services),
      ...syncService(services),
      ...timetableService(services, timetable),
      ...notices.handlers,
      ...queryRoom.handlers,
      ...sample.handlers,
    },
    audit: access.audit,
    grants: access.grants,
    agents: createAgentRules({ store, now: () => host.clock.now() }),
    profileName: (personId) => store.people.find(personId)?.name ?? null,
    log: host.log,
    redactor: host.redactor,
    newId,
    now: () => host.clock.now(),
  });

  onEnded.push(dispatch.left);

  let closing: Promise<void> | null = null;
  const placeOf = (seat: Seat): Place => ({
    call: (name, input, callId) => dispatch.call(seat, name, input, callId),
    cancel: (callId) => dispatch.cancel(seat, callId),
    onEvent(listener) {
      // The same function may listen at two places.
      const mine: Listener = (name, payload) => listener(name, payload);
      listeners.set(mine, seat);
      return () => void listeners.delete(mine);
    },
    async jobEnded(jobId, following) {
      // The process's own host waits for its jobs behind a lock too; whoever joins it is told of none before the door.
      if (seat.kind === 'agent') throw new AppError('PERMISSION_DENIED', say('core.agentFollowsNoJobs'));
      if (seat !== access.seats.own && seat.session.person() === null)
        throw new AppError('LOCKED', say('core.nobodySignedHere'));
      return jobs.ended(jobId, following);
    },
  });
  return {
    ...placeOf(access.seats.own),
    openPlace(kind, desk) {
      const seat = access.seats.open(kind, desk);
      return {
        ...placeOf(seat),
        leave() {
          access.seats.close(seat);
          for (const [listener, at] of listeners) if (at === seat) listeners.delete(listener);
        },
      };
    },
    startTimetable() {
      stopTimetable?.();
      stopTimetable = timetable.start();
      void sample.takeUp();
    },
    async tick() {
      await timetable.tick(true);
      await notices.chore();
    },
    close() {
      closing ??= (async () => {
        stopTimetable?.();
        stopPower();
        stopping.abort();
        networkWatch.close();
        access.seats.closeAll();
        dispatch.cancelAll();
        await Promise.all([
          health.close(),
          clipboard.close(),
          jobs.close().then(threads.close),
          timetable.settled(host.clock.sleep, longestTurnMs),
        ]);
        // While the vault still opens what signs them.
        await notices.close();
        await queryRoom.close();
        // With what the vault still opens: their roles are dropped in the databases.
        await leases.close();
        await readers.close();
        // Its database, which all of these may have used.
        await sample.close();
        await auditSeal.close();
        vault.close();
        store.close();
      })();
      return closing;
    },
    get runningSyncs() {
      return jobs.running;
    },
  };
}
