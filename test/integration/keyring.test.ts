import { describe, expect, it } from 'vitest';
import { cleanEnv, locked, missing, runInSession, unlockWith, why } from '../support/keyring-session.ts';
import { inProcess, temporaryFolder } from '../support/parts.ts';

const probe = new URL('../support/keyring-probe.ts', import.meta.url).pathname;

interface Answer {
  readonly problem?: string | null;
  readonly sealed?: string;
  readonly opened?: string;
  readonly code?: string;
  readonly message?: string;
}

/** One step in a session of its own; `start` is what happens to the keyring first. */
const inSession = (folder: string, start: string, step: string, argument = ''): Promise<Answer> =>
  runInSession<Answer>(folder, start, probe, [step, argument]);

const key = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';

describe.skipIf(missing.length > 0)(`a real Secret Service${why}`, () => {
  it('seals the key of a vault, and opens it in the next session with the same password', async () => {
    using folder = temporaryFolder();
    const first = await inSession(folder.path, unlockWith('one'), 'seal', key);
    expect(first).toMatchObject({ opened: key });
    // What is kept beside the secrets has neither the key nor what opens it.
    const blob = Buffer.from(first.sealed as string, 'base64').toString();
    expect(blob).not.toContain(key);
    expect(Object.keys(JSON.parse(blob)).sort()).toEqual(['account', 'sealed', 'v']);
    expect(await inSession(folder.path, unlockWith('one'), 'open', first.sealed)).toEqual({ opened: key });
    expect(await inSession(folder.path, unlockWith('one'), 'probe')).toEqual({ problem: null });
  });

  it('is locked without its password: that is said, the vault waits, and the right one opens it later', async () => {
    using folder = temporaryFolder();
    const { sealed } = await inSession(folder.path, unlockWith('one'), 'seal', key);
    for (const start of [locked, unlockWith('wrong')]) {
      const answer = await inSession(folder.path, start, 'open', sealed);
      expect(answer).toEqual({
        code: 'VAULT_LOCKED',
        message: 'The vault is locked: the keyring is locked and its prompt was dismissed.',
      });
      expect(await inSession(folder.path, start, 'seal', key)).toMatchObject({ code: 'VAULT_LOCKED' });
      // It is there: a vault made with it may not be treated as one that has no keyring.
      expect(await inSession(folder.path, start, 'probe')).toEqual({ problem: null });
    }
    expect(await inSession(folder.path, unlockWith('one'), 'open', sealed)).toEqual({ opened: key });
  });

  it('without a keyring in it is no protection, and no sign of a first run', async () => {
    using folder = temporaryFolder();
    using other = temporaryFolder();
    expect(await inSession(folder.path, locked, 'probe')).toEqual({
      problem: 'there is no default keyring yet',
    });
    expect(await inSession(folder.path, locked, 'seal', key)).toEqual({
      code: 'VAULT_LOCKED',
      message: 'The vault is locked: there is no default keyring yet.',
    });
    // A vault from elsewhere: its entry is missing, which is not taken for a new start.
    const { sealed } = await inSession(other.path, unlockWith('one'), 'seal', key);
    for (const start of [locked, unlockWith('another')]) {
      expect(await inSession(folder.path, start, 'open', sealed)).toEqual({
        code: 'VAULT_LOCKED',
        message: 'The key of this vault is not in the keyring of this session.',
      });
    }
  });

  it('that is not there gives no protector, and says why', async () => {
    using folder = temporaryFolder();
    const script = `
      import { createHeadlessHost } from 'main/headless/host.ts';
      const host = await createHeadlessHost({
        dataFolder: ${JSON.stringify(folder.path)}, version: '0', protector: 'auto',
        syncWorker: new URL('file:///none'), logSink: { write() {} }, openUrl: async () => {},
      });
      console.log(JSON.stringify({ protector: host.protector?.kind ?? null, problem: host.protectorProblem }));`;
    const clean = cleanEnv(folder.path);
    for (const env of [
      clean,
      { ...clean, DBUS_SESSION_BUS_ADDRESS: `unix:path=${folder.path}/no-such-bus` },
    ]) {
      expect(JSON.parse(await inProcess(script, env))).toEqual({
        protector: null,
        problem: 'no Secret Service is running in this session',
      });
    }
    // A bus on which nobody offers the service.
    const bare = await inSession(folder.path, ':', 'probe');
    expect(bare.problem === null).toBe(false);
  });
});
