import type { Person, SampleState, SampleStep } from '../../../preload/contract/models.ts';
import type { Permission } from '../../../preload/contract/permissions.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { english, say } from '../../../preload/messages/said.ts';
import { holds } from '../../access/grants.ts';
import { AppError } from '../../errors.ts';
import type { RunningSample } from '../../host.ts';
import { emitChanged, type Handlers, type Services } from '../context.ts';
import {
  type Doing,
  databaseOf,
  insistUnused,
  makeWorkspace,
  signInToSample,
  unmakeWorkspace,
} from './make.ts';
import { type SampleRecord, sampleRecords } from './record.ts';

/** What a sample is made of needs all of these; `dispatch` asks for the first. */
const needed: readonly Permission[] = [
  'manage_database_connections',
  'manage_projects',
  'manage_sources',
  'authorise_sources',
  'run_syncs',
];

export interface Sample {
  readonly handlers: Handlers<'demo'>;
  /** After a start: goes on with the sample that is there, or removes what a killed process left of one. Never rejects. */
  takeUp(): Promise<void>;
  /** Stops its servers; the sample stays. */
  close(): Promise<void>;
}

const told = (said: Said): { message: string; said: Said } => ({ message: english(said), said });
const saidOf = (error: unknown): Said => (error instanceof AppError ? error.said : say('sample.notStarted'));

/** The sample workspace: at most one, whose servers run while Headgate does. */
export function createSample(services: Services): Sample {
  const { host, store, vault, access } = services;
  const servers = host.sample;
  const records = sampleRecords(host.dataFolder);
  let running: RunningSample | null = null;
  let step: SampleStep | null = null;
  let trouble: Said | null = null;
  /** One thing is done with it at a time. */
  let last: Promise<unknown> = Promise.resolve();
  const stopping = new AbortController();

  const changed = (): void => emitChanged(services, 'sample');
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => {});
    return turn;
  };
  const at = (next: SampleStep | null): void => {
    step = next;
    changed();
  };
  const folderOf = ({ tag }: SampleRecord): string => servers?.placeFor(host.dataFolder, tag) ?? '';
  const stop = async (): Promise<void> => {
    const ending = running;
    running = null;
    await ending?.stop();
  };
  const isWhole = ({ connectionId, projectId, sourceId }: SampleRecord): boolean => {
    const { connections } = store;
    const has = (list: readonly { id: string }[], id: string) => list.some((each) => each.id === id);
    return (
      connections.find(connectionId) !== null &&
      has(store.projects.list(), projectId) &&
      has(store.sources.list(), sourceId)
    );
  };

  const view = async (): Promise<SampleState> => {
    const record = records.read();
    const why = servers ? await servers.missing() : say('sample.notInBuild');
    const phase =
      step !== null || record?.phase === 'making'
        ? 'making'
        : record === null
          ? 'none'
          : record.phase === 'leaving'
            ? 'leaving'
            : running
              ? 'ready'
              : 'stopped';
    const made = record !== null && phase !== 'making' ? record : null;
    return {
      phase,
      step,
      missing: why && told(why),
      trouble: trouble && phase !== 'none' ? told(trouble) : null,
      projectId: made?.projectId ?? null,
      sourceId: made?.sourceId ?? null,
      connectionId: made?.connectionId ?? null,
    };
  };

  /** Removes all of it: first from the workspace, while its database can still be let go in order, then the rest. */
  const remove = async (record: SampleRecord, doing: Doing): Promise<void> => {
    await records.write({ ...record, phase: 'leaving' });
    changed();
    await unmakeWorkspace(services, record, doing);
    services.readers.forget(record.connectionId);
    await stop();
    await servers?.remove(folderOf(record));
    records.remove();
    trouble = null;
    emitChanged(services, 'sample', 'datasets', 'connections');
  };

  const start = async (record: SampleRecord, signal: AbortSignal): Promise<RunningSample> => {
    if (!servers) throw new AppError('NOT_HERE', say('sample.notInBuild'));
    running = await servers.start({
      ...{ folder: folderOf(record), database: databaseOf(record.tag), ports: record.ports },
      signal: AbortSignal.any([signal, stopping.signal]),
    });
    return running;
  };

  /** On what is there already: at its ports, with a sign-in of now, because the simulated server forgot the old one. */
  const goOn = async (record: SampleRecord, doing: Doing): Promise<void> => {
    trouble = null;
    try {
      if (!running) await start(record, doing.signal);
      if (running) await signInToSample(services, record, running, doing);
    } catch (error) {
      await stop();
      trouble = saidOf(error);
      throw error;
    } finally {
      changed();
    }
  };

  const make = async (name: string, doing: Doing): Promise<void> => {
    // Before anything is made: a login that can't be sealed would be lost.
    await vault.unlock();
    const tag = host.random(4).toString('hex');
    const { newId } = services;
    let record: SampleRecord = {
      ...{ tag, phase: 'making', personId: doing.person.id, ports: null },
      ...{ connectionId: newId(), projectId: newId(), sourceId: newId() },
    };
    await records.write(record);
    try {
      at('servers');
      const there = await start(record, doing.signal);
      record = { ...record, ports: there.ports };
      await records.write(record);
      await makeWorkspace(services, { record, name, running: there }, doing, at);
      await records.write({ ...record, phase: 'ready' });
    } catch (error) {
      await remove(record, { ...doing, signal: new AbortController().signal }).catch((problem: unknown) =>
        host.log.error('sample.not_removed', { error: problem }),
      );
      throw error;
    } finally {
      at(null);
    }
  };

  const insistAll = (person: Person): void => {
    if (needed.every((permission) => holds(person, permission))) return;
    throw new AppError('PERMISSION_DENIED', say('sample.needsBoth'));
  };

  const handlers: Handlers<'demo'> = {
    'demo.state': view,
    async 'demo.start'({ name }, caller) {
      insistAll(caller.person);
      const why = servers ? await servers.missing() : say('sample.notInBuild');
      if (why) throw new AppError('NOT_HERE', why, { advice: say('sample.notInBuild.advice') });
      await inTurn(async () => {
        const known = records.read();
        if (known?.phase === 'ready' && isWhole(known)) {
          if (!running || trouble) await goOn(known, caller);
        } else {
          if (known) await remove(known, caller);
          await make(name, caller);
        }
      });
      const state = await view();
      caller.tell(
        `connectionId=${state.connectionId} projectId=${state.projectId} sourceId=${state.sourceId}`,
      );
      return state;
    },
    async 'demo.leave'(_, caller) {
      insistAll(caller.person);
      await inTurn(async () => {
        const record = records.read();
        if (record === null) throw new AppError('NOT_FOUND', say('sample.none'));
        insistUnused(services, record);
        const { connectionId, projectId, sourceId } = record;
        caller.tell(`connectionId=${connectionId} projectId=${projectId} sourceId=${sourceId}`);
        // Whoever closes the window meanwhile wants it gone no less.
        await remove(record, { ...caller, signal: stopping.signal });
      });
      return {};
    },
  };

  /** As whoever made it, or the first who is there: nobody is asked anything. */
  const byItself = ({ personId }: SampleRecord): Doing | null => {
    const person = store.people.find(personId) ?? store.people.list()[0];
    if (!person) return null;
    const nothing = (): void => {};
    return {
      ...{ person, seat: access.seats.own, signal: stopping.signal, left: stopping.signal },
      ...{ record: nothing, tell: nothing, refused: nothing },
    };
  };

  return {
    handlers,
    takeUp: () =>
      inTurn(async () => {
        const record = records.read();
        const doing = record && byItself(record);
        if (!record || !doing || !servers) return;
        const about = `connectionId=${record.connectionId} projectId=${record.projectId}`;
        try {
          // Without its login there is no way back into the database: a vault that forgets has forgotten it.
          const goesOn =
            record.phase === 'ready' && isWhole(record) && vault.has(record.connectionId, 'password');
          if (goesOn) await goOn(record, doing);
          else {
            if (record.phase === 'ready') insistUnused(services, record);
            await remove(record, doing);
          }
          access.background.did('background.sample', about, goesOn ? 'started' : 'removed');
        } catch (error) {
          trouble = saidOf(error);
          host.log.warn('sample.not_taken_up', { error });
          if (!stopping.signal.aborted)
            access.background.did('background.sample', about, trouble.id, 'failed');
          changed();
        }
      }).catch(() => {}),
    async close() {
      stopping.abort();
      await last;
      await stop();
    },
  };
}
