import type { SampleState } from '../../../preload/contract/models.ts';
import type { FakeHandlers, FakeTools } from './fake-tools.ts';

/** The sample workspace, and the try of a connection that is not there yet, as the core would answer. */
export function fakeSample({ scenario, changed, wait, refuse, id }: FakeTools): FakeHandlers {
  const none: SampleState = {
    ...{ phase: 'none', step: null, missing: null, trouble: null },
    ...{ projectId: null, sourceId: null, connectionId: null },
  };
  let state: SampleState = { ...none, ...scenario.sample };
  const set = (next: Partial<SampleState>): SampleState => {
    state = { ...state, ...next };
    changed('sample');
    return state;
  };
  return {
    'demo.state': () => state,
    'demo.start': async (_, callId) => {
      if (state.missing) throw refuse('NOT_HERE', state.missing.message);
      try {
        for (const step of ['servers', 'workspace', 'signIn', 'sync'] as const) {
          set({ phase: 'making', step });
          await wait(scenario.sampleWaits && step === 'workspace' ? 600_000 : 60, callId);
        }
      } catch (error) {
        set(none);
        throw error;
      }
      const projectId = scenario.projects[0]?.id ?? id();
      return set({ phase: 'ready', step: null, projectId, sourceId: id(), connectionId: id() });
    },
    'demo.leave': async (_, callId) => {
      set({ phase: 'leaving' });
      await wait(60, callId);
      set(none);
      return {};
    },
    'connections.try': async (input, callId) => {
      await wait(60, callId);
      const { host, password } = input as unknown as { host: string; password: string };
      const names = ['name', 'tcp', 'ssh', 'tls', 'login', 'database', 'rights', 'write'];
      const brokenAt = host.startsWith('down') ? 1 : password === 'wrong' ? 4 : names.length;
      const rungs = names.map((name, at) => ({
        name,
        state:
          at < brokenAt ? (name === 'ssh' ? 'skipped' : 'ok') : at === brokenAt ? 'failed' : 'not_reached',
        ms: at < brokenAt ? 3 : null,
        detail: at < brokenAt ? '' : at === brokenAt ? 'refused' : '',
      }));
      const ok = brokenAt === names.length;
      const error = {
        ...(brokenAt === 1
          ? { code: 'DB_REFUSED', kind: 'config', message: `Nothing listens at ${host}.` }
          : {
              code: 'DB_LOGIN_REFUSED',
              kind: 'config',
              message: 'The server refuses this user or password.',
            }),
        advice: 'Check what is named in the message.',
      };
      return {
        ...{
          ok,
          at: '2026-11-21T10:45:00.000Z',
          latencyMs: ok ? 4 : null,
          serverVersion: ok ? 'PostgreSQL 18.1' : null,
        },
        ...{ tls: null, warnings: [], rungs, error: ok ? null : error, fixSql: null, hostKey: null },
      };
    },
  };
}
