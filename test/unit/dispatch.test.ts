import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../main/errors.ts';
import { type CallName, callNames } from '../../preload/contract/channels.ts';
import { errorCodes } from '../../preload/contract/errors.ts';
import type { Method } from '../../preload/contract/method.ts';
import { methods } from '../../preload/contract/methods.ts';
import { type Role, rolePermissions, roles } from '../../preload/contract/permissions.ts';
import { plain } from '../../preload/contract/said.ts';
import { type AnyHandler, dispatchWith, errorOf, everything, good, personWith } from '../support/dispatch.ts';

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
process.on('unhandledRejection', note);
afterEach(() => {
  expect(unhandled).toEqual([]);
});

describe('who may call what', () => {
  it('follows the table of permissions, for every call and every role, and writes refusals down', async () => {
    const reached: string[] = [];
    using one = dispatchWith((name) => () => {
      reached.push(name);
      throw new AppError('NOT_FOUND', plain('reached'));
    });
    for (const name of callNames) {
      for (const role of roles) {
        const { open, changes, usesSecret, permission } = methods[name] as Method;
        const allowed = open === true || rolePermissions[role].includes(permission);
        reached.length = 0;
        const before = one.entries().length;
        const error = errorOf(await one.call(name, good[name], personWith(role)));
        expect(error.code, `${name} as ${role}`).toBe(allowed ? 'NOT_FOUND' : 'PERMISSION_DENIED');
        expect(reached, `${name} as ${role}`).toEqual(allowed ? [name] : []);
        const added = one.entries().slice(before);
        if (allowed && !changes && !usesSecret) expect(added).toEqual([]);
        else {
          expect(added).toHaveLength(1);
          expect(added[0]).toMatchObject({
            person: `holds ${role}`,
            action: name,
            outcome: allowed ? 'failed' : 'refused',
            details: allowed ? 'NOT_FOUND' : 'PERMISSION_DENIED',
          });
        }
        if (!allowed) {
          // It names who can: every role it names would be let in.
          expect(error.message).toMatch(/needs the role /);
          expect(error.kind).toBe('denied');
        }
      }
    }
    expect(one.audit.firstBroken()).toBeNull();
  });

  it('lets nobody in without a role, or with one that is not known', async () => {
    using one = dispatchWith(() => () => {
      throw new Error('reached');
    });
    const closed = callNames.filter((name) => (methods[name] as Method).open !== true);
    expect(callNames.filter((name) => !closed.includes(name))).toEqual([
      'app.language',
      'app.setLanguage',
      'app.health',
      'session.state',
      'session.signIn',
      'session.lock',
      'agents.enter',
    ]);
    for (const name of closed) {
      expect(errorOf(await one.call(name, good[name], personWith())).code).toBe('PERMISSION_DENIED');
      const odd = { ...personWith(), roles: ['root', '__proto__'] as unknown as Role[] };
      expect(errorOf(await one.call(name, good[name], odd)).code).toBe('PERMISSION_DENIED');
    }
  });

  it('does not look at the input of somebody who may not call', async () => {
    using one = dispatchWith(() => () => ({}));
    const error = errorOf(await one.call('connections.create', { nonsense: 1 }, personWith('viewer')));
    expect(error.code).toBe('PERMISSION_DENIED');
  });

  it('writes down what a service refuses, also of calls that only read', async () => {
    using one = dispatchWith(() => () => {
      throw new AppError('PERMISSION_DENIED', plain('This dataset belongs to somebody else.'));
    });
    await one.call('datasets.rows', good['datasets.rows']);
    await one.call('credentials.disconnect', good['credentials.disconnect']);
    expect(one.entries().map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'datasets.rows refused',
      'credentials.disconnect refused',
    ]);
  });

  it('knows no call outside the contract', async () => {
    using one = dispatchWith(() => () => ({}));
    for (const name of ['', 'app', 'app.cancel', 'constructor', '__proto__', 'connections.reveal']) {
      expect(errorOf(await one.call(name, {})).code).toBe('CALL_UNKNOWN');
    }
    expect(errorOf(await one.call(5 as unknown as string, {})).code).toBe('CALL_UNKNOWN');
  });
});

describe('what goes in', () => {
  it('is refused with a field too many, in every call', async () => {
    using one = dispatchWith(() => () => {
      throw new Error('reached');
    });
    for (const name of callNames) {
      const error = errorOf(await one.call(name, { ...(good[name] as object), extra: 1 }));
      expect(error.code, name).toBe('INPUT_INVALID');
      expect(error.message, name).toContain('extra');
    }
  });

  it('never comes back in the message of a refusal', async () => {
    using one = dispatchWith(() => () => ({}));
    const secret = 'Sup3r-Secret-Canary-0123456789';
    const base = good['connections.create'] as object;
    const inputs: [CallName, unknown][] = [
      ['connections.create', { ...base, port: secret }],
      ['connections.create', { ...base, password: [secret] }],
      ['connections.create', { ...base, password: { [secret]: secret } }],
      ['connections.create', { ...base, password: secret.repeat(200) }],
      ['connections.create', { ...base, tlsMode: secret, environment: secret }],
      ['connections.create', { ...base, tlsCa: secret }],
      ['connections.create', { ...base, [secret]: 'x' }],
      ['connections.create', secret],
      ['connections.create', [secret]],
      ['connections.update', { id: secret, password: secret }],
      ['sources.create', { ...(good['sources.create'] as object), baseUrl: `https://u:${secret}@hq.org` }],
      ['sources.create', { ...(good['sources.create'] as object), settings: { [secret]: 5 } }],
      ['sources.create', { ...(good['sources.create'] as object), settings: { [secret.repeat(4)]: 'x' } }],
      ['sources.create', { ...(good['sources.create'] as object), settings: { [Symbol(secret)]: 'x' } }],
      ['links.create', { ...(good['links.create'] as object), credentialMode: secret }],
    ];
    for (const [name, input] of inputs) {
      const error = errorOf(await one.call(name, input));
      expect(error.code).toBe('INPUT_INVALID');
      expect(JSON.stringify(error), JSON.stringify(input)).not.toContain(secret);
    }
    expect(one.lines.join('')).not.toContain(secret);
  });

  it('is taken into the audit log by its ids and its name only, without what is secret in them', async () => {
    using one = dispatchWith(() => () => {
      throw new AppError('NAME_TAKEN', plain('taken'));
    });
    one.redactor.add('registered-secret');
    const base = good['connections.create'] as object;
    await one.call('connections.create', { ...base, password: 'pass-canary-3' });
    await one.call('connections.create', { ...base, name: 'postgres://u:pasted-password@h/d' });
    await one.call('connections.create', { ...base, name: 'with registered-secret inside' });
    expect(one.entries().map(({ subject }) => subject)).toEqual([
      'name=n',
      'name=postgres://u:••••@h/d',
      'name=with •••• inside',
    ]);
  });

  it('with a name that looks like other fields stands there as what it is', async () => {
    using one = dispatchWith(() => () => {
      throw new AppError('NAME_TAKEN', plain('taken'));
    });
    const base = good['connections.create'] as object;
    await one.call('connections.create', { ...base, name: 'x level=use reason="signed"\nid=1' });
    await one.call('connections.create', { ...base, name: 'Länder & Regionen 1' });
    await one.call('connections.create', { ...base, name: 'postgres://h/d?password=pasted-canary' });
    one.redactor.add('cut-canary-0123456789');
    await one.call('connections.create', { ...base, name: `${'n'.repeat(190)} cut-canary-0123456789` });
    expect(one.entries().map(({ subject }) => subject)).toEqual([
      'name="x level\\u003duse reason\\u003d\\"signed\\"\\nid\\u003d1"',
      'name=Länder & Regionen 1',
      'name="postgres://h/d?password\\u003d••••"',
      `name=${'n'.repeat(190)} ••••`,
    ]);
  });

  it('whatever it is, ends in an envelope of the contract', async () => {
    const known =
      (value: unknown): AnyHandler =>
      () =>
        value;
    using one = dispatchWith((name) => known(name.endsWith('.list') ? [] : {}));
    const wild = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
    });
    let calls = 0;
    for (const name of callNames) {
      const near = fc
        .tuple(
          fc.constantFrom(...Object.keys((good[name] as object) ?? {}), 'limit', '__proto__', 'name'),
          wild,
        )
        .map(([key, value]) => ({ ...(good[name] as object), [key]: value }));
      await fc.assert(
        fc.asyncProperty(fc.oneof(wild, near), async (input) => {
          const envelope = await one.call(name, input, everything);
          calls += 1;
          if (!envelope.ok) {
            const error = errorOf(envelope);
            expect(errorCodes[error.code].kind).toBe(error.kind);
            // The two that there can be: a bad input, or (where it was good after all) a bad answer of the handler.
            expect(['INPUT_INVALID', 'INTERNAL']).toContain(error.code);
            if (error.code === 'INTERNAL') expect(error.message).toMatch(/does not fit its contract/);
          }
        }),
        { seed: 7, numRuns: 300 },
      );
    }
    expect(calls).toBeGreaterThanOrEqual(callNames.length * 300);
    expect(one.audit.firstBroken()).toBeNull();
    // Some forty thousand calls: a minute on a machine that is four times slower.
  }, 240_000);
});

describe('what comes out', () => {
  it('never has a field that the contract does not name, in any call', async () => {
    const secret = 'leaked-by-a-service';
    using one = dispatchWith((name) => () => {
      const inner = name.endsWith('.list') || name === 'sources.types' || name === 'datasets.tables';
      const value = { user: secret, password: secret, accessToken: secret };
      return inner ? [value] : value;
    });
    for (const name of callNames) {
      const envelope = await one.call(name, good[name]);
      expect(JSON.stringify(envelope), name).not.toContain(secret);
      expect(errorOf(envelope), name).toMatchObject({ code: 'INTERNAL', correlationId: expect.any(String) });
    }
    expect(one.lines.join('')).not.toContain(secret);
  });

  it('is stripped of nothing in silence: one field too many in a right answer is a defect that is told', async () => {
    const status = {
      ...{ state: 'protected', protector: 'p', sealedBy: 'os_keyring', available: 'os_keyring' },
      ...{ keyVersion: 1, secrets: 0, explanation: null },
    };
    using right = dispatchWith(() => () => status);
    expect(await right.call('vault.status', {})).toEqual({ ok: true, data: status });
    using wrong = dispatchWith(() => () => ({ ...status, key: 'the-data-key' }));
    const envelope = await wrong.call('vault.status', {});
    expect(errorOf(envelope).code).toBe('INTERNAL');
    expect(JSON.stringify(envelope)).not.toContain('the-data-key');
  });

  it('says what failed without the secrets in it, and gives a defect a number that the log has too', async () => {
    using one = dispatchWith((name) => () => {
      if (name === 'app.info') throw new TypeError('defect with registered-secret');
      throw new AppError('VAULT_LOCKED', plain('has registered-secret'), {
        advice: plain('try registered-secret'),
      });
    });
    one.redactor.add('registered-secret');
    const defect = errorOf(await one.call('app.info', {}));
    expect(defect).toMatchObject({ code: 'INTERNAL', message: 'Something went wrong inside Headgate.' });
    expect(one.lines.join('')).toContain(defect.correlationId as string);
    expect(one.lines.join('')).toContain('TypeError');
    const told = errorOf(await one.call('vault.status', {}));
    expect(told).toMatchObject({ message: 'has ••••', advice: 'try ••••' });
    expect(one.lines.join('')).not.toContain('registered-secret');
  });

  it.each([undefined, null, 'text', 5, { code: 'NOT_FOUND' }, Object.create(null)])(
    'is an envelope also when %j is thrown',
    async (thrown) => {
      using one = dispatchWith(() => () => {
        throw thrown;
      });
      expect(errorOf(await one.call('app.info', {})).code).toBe('INTERNAL');
    },
  );
});
