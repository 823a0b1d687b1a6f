import type { Connection, ConnectionDetail, ConnectionTest, Rung } from '../../../preload/contract/models.ts';
import type { FakeHandlers, FakeInput, FakeTools } from './fake-tools.ts';

/**
 * Connections, their tests and the keys of their jump hosts. Hosts tell how a test ends: `slow…` waits to be cancelled,
 * `refuses…` stops at the login, `jump…` meets an unknown host key until it is accepted; else it works.
 */
export function fakeConnections(tools: FakeTools): FakeHandlers {
  const { scenario, changed, wait, refuse, find, drop, stamp, id, base } = tools;
  const names = ['name', 'tcp', 'ssh', 'tls', 'login', 'database', 'rights', 'write'] as const;

  const summary = (detail: ConnectionDetail): Connection => {
    const { tlsCa: _a, tlsCert: _b, hasTlsKey: _c, pool: _d, lease: _e, lastTest: _f, ...rest } = detail;
    const { undoableUntil: _g, ...connection } = rest;
    return connection;
  };
  const byId = (input: FakeInput) => find(scenario.connections, input['id'] ?? '');
  const fits = (each: ConnectionDetail, filter: FakeInput): boolean => {
    const text = [each.name, each.host, each.database, each.description, each.folder, ...each.tags]
      .join(' ')
      .toLowerCase();
    const words = String(filter['search'] ?? '')
      .toLowerCase()
      .split(/\s+/);
    return (
      words.every((word) => text.includes(word)) &&
      (filter['state'] === undefined ? each.state !== 'archived' : each.state === filter['state']) &&
      (filter['engine'] === undefined || each.engine === filter['engine']) &&
      (filter['lands'] === undefined || (each.engine === 'postgres') === (filter['lands'] as unknown)) &&
      (filter['environment'] === undefined || each.environment === filter['environment']) &&
      (filter['health'] === undefined || each.health.state === filter['health']) &&
      (filter['onboarding'] === undefined || each.onboarding === filter['onboarding']) &&
      (filter['folder'] === undefined || each.folder === filter['folder']) &&
      (filter['tag'] === undefined || each.tags.includes(filter['tag']))
    );
  };
  const taken = (input: FakeInput, but: string | null) => {
    const { name, environment } = input;
    const same = scenario.connections.find(
      (each) => each.name === name && each.environment === environment && each.id !== but,
    );
    if (same) throw refuse('NAME_TAKEN', `There is already a connection named “${name}” for ${environment}.`);
  };
  /** Leaves out what goes to the vault. */
  const visible = (input: FakeInput): Partial<ConnectionDetail> => {
    const {
      user: _a,
      password: _b,
      tlsKey,
      tlsKeyPassphrase: _c,
      ssh,
      ...rest
    } = input as Record<string, unknown>;
    const hops = ssh as (ConnectionDetail['ssh'][number] & Record<string, unknown>)[] | undefined;
    return {
      ...rest,
      ...(tlsKey === undefined ? {} : { hasTlsKey: tlsKey !== null }),
      ...(hops === undefined
        ? {}
        : {
            ssh: hops.map((hop) => ({
              id: hop.id ?? id(),
              host: hop.host,
              port: hop.port,
              user: hop.user,
              auth: hop.auth,
              keyFile: hop.keyFile,
              agentSocket: hop.agentSocket ?? null,
              agentKey: hop.agentKey ?? null,
            })),
          }),
    };
  };

  const climb = (detail: ConnectionDetail): ConnectionTest => {
    const unknown =
      detail.host.startsWith('jump') && !scenario.hostKeys.some((key) => key.host === detail.ssh[0]?.host);
    const stop = detail.host.startsWith('refuses') ? 4 : unknown ? 2 : names.length;
    const rung = (name: Rung['name'], at: number): Rung => ({
      name,
      state: at > stop ? 'not_reached' : at === stop ? 'failed' : 'ok',
      ms: at > stop ? null : at + 1,
      detail: at > stop ? '' : at === stop ? 'It stopped here.' : 'Fine.',
    });
    const login = {
      code: 'DB_LOGIN_REFUSED',
      kind: 'config',
      message: 'Name and network are fine; the server refused the user.',
      advice: 'Enter the user and password again; the password may have been rotated.',
    } as const;
    const host = {
      code: 'SSH_HOST_UNKNOWN',
      kind: 'config',
      message: 'Nobody has accepted the key of bastion.example.org yet.',
      advice: 'Compare the fingerprint with the one your administrator gives you.',
    } as const;
    return {
      at: stamp(),
      ok: stop === names.length,
      latencyMs: stop === names.length ? 18 : null,
      serverVersion: stop > 5 ? 'PostgreSQL 17.2' : null,
      warnings: [],
      error: stop === names.length ? null : unknown ? host : login,
      fixSql: null,
      rungs: names.map(rung),
      tls: stop > 3 ? { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', certificate: null } : null,
      hostKey: unknown
        ? {
            host: detail.ssh[0]?.host ?? '',
            port: 22,
            type: 'ssh-ed25519',
            fingerprint: 'SHA256:8mM1Nz5DqF2uT0kQeWb7H3xLr9VjCsYtPaGiOuRnEdc',
            key: 'AAAAC3NzaC1lZDI1NTE5AAAAIexample',
            reason: 'unknown',
          }
        : null,
    };
  };
  const record = (detail: ConnectionDetail): ConnectionTest => {
    const test = climb(detail);
    const state = test.ok ? 'works' : 'fails';
    const since = detail.health.state === state ? detail.health.since : stamp();
    const message = test.error?.message ?? null;
    detail.health = { state, since, checkedAt: stamp(), latencyMs: test.latencyMs, message };
    detail.lastTest = test;
    if (test.ok) detail.onboarding = 'completed';
    else if (detail.onboarding !== 'completed') detail.onboarding = 'failed';
    changed('connections');
    return test;
  };

  return {
    'connections.list': (filter) => {
      const all = scenario.connections
        .filter((each) => fits(each, filter))
        .sort((a, b) => a.name.localeCompare(b.name));
      const health = { unknown: 0, works: 0, warns: 0, fails: 0, unreachable: 0 };
      for (const each of all) health[each.health.state] += 1;
      const there = scenario.connections.filter((each) => each.state !== 'archived');
      const from = Number(filter['offset'] ?? 0);
      return {
        items: all.slice(from, from + Number(filter['limit'] ?? 500)).map(summary),
        total: all.length,
        health,
        engines: [...new Set(there.map((each) => each.engine))],
        folders: [...new Set(there.map((each) => each.folder))].filter((each) => each !== '').sort(),
        tags: [...new Set(there.flatMap((each) => each.tags))].sort(),
      };
    },
    'connections.get': byId,
    'connections.create': (input) => {
      taken(input, null);
      const made = {
        description: '',
        folder: '',
        tags: [],
        state: 'active',
        environment: 'development',
        ...{ access: 'everyone', readOnly: false, hostAddress: null, signIn: 'any', superuserReason: '' },
        ...{ tlsCa: null, tlsCert: null, ssh: [], lease: null, usedBy: [] },
        ...visible(input),
        ...base(),
        engine: input['engine'] ?? 'postgres',
        hasSecret: true,
        hasTlsKey: (input['tlsKey'] ?? null) !== null,
        health: { state: 'unknown', since: null, checkedAt: null, latencyMs: null, message: null },
        onboarding: 'not_started',
        usedBy: [],
        may: 'manage',
        lastTest: null,
        undoableUntil: null,
      } as unknown as ConnectionDetail;
      scenario.connections.push(made);
      changed('connections');
      return made;
    },
    'connections.update': (input) => {
      const found = byId(input);
      taken({ ...found, ...(input as object) } as unknown as FakeInput, found.id);
      // As the core: whoever reads it sees that it is another, also where all else is as it was.
      const sealed = input['password'] === undefined ? {} : { hasSecret: true };
      Object.assign(found, visible(input), sealed, { updatedAt: stamp() });
      changed('connections');
      return found;
    },
    'connections.duplicate': (input) => {
      const from = byId(input);
      const environment = input['environment'] ?? from.environment;
      taken({ ...input, environment } as unknown as FakeInput, null);
      const name = input['name'] ?? '';
      const made = { ...structuredClone(from), ...base(), name, environment, usedBy: [] } as ConnectionDetail;
      made.health = { state: 'unknown', since: null, checkedAt: null, latencyMs: null, message: null };
      made.lastTest = null;
      scenario.connections.push(made);
      changed('connections');
      return made;
    },
    'connections.delete': (input) => {
      const found = byId(input);
      const users = found.usedBy.map((each) => each.name).join(', ');
      if (users) throw refuse('IN_USE', `The connection is used by: ${users}.`);
      drop(scenario.connections, found.id);
      const { id: gone, name, environment, engine, host, port, database } = found;
      const month = 30 * 86_400_000;
      scenario.deletedConnections.unshift({
        ...{
          id: gone,
          name,
          environment,
          engine,
          host,
          port,
          database,
          deletedAt: stamp(),
          deletedBy: 'Ada',
        },
        removedAt: new Date(Date.parse(stamp()) + month).toISOString(),
      });
      changed('connections');
      return {};
    },
    'connections.deleted': () => scenario.deletedConnections,
    'connections.restore': (input) => {
      const deleted = find(scenario.deletedConnections, input['id'] ?? '');
      const as = { name: input['name'] ?? deleted.name, environment: deleted.environment };
      taken(as as unknown as FakeInput, null);
      drop(scenario.deletedConnections, deleted.id);
      const { deletedAt: _a, deletedBy: _b, removedAt: _c, ...rest } = deleted;
      const made = {
        ...{ description: '', folder: '', tags: [], state: 'active', settings: {}, access: 'everyone' },
        ...{ readOnly: false, hostAddress: null, signIn: 'any', superuserReason: '', tlsMode: 'verify-full' },
        ...{ tlsCa: null, tlsCert: null, hasTlsKey: false, ssh: [], lease: null, usedBy: [], may: 'manage' },
        ...{ lastTest: null, undoableUntil: null, onboarding: 'not_started', hasSecret: false },
        pool: structuredClone(scenario.connections[0]?.pool),
        health: { state: 'unknown', since: null, checkedAt: null, latencyMs: null, message: null },
        ...{ ...base(), ...rest, ...as },
      } as unknown as ConnectionDetail;
      scenario.connections.push(made);
      changed('connections');
      return made;
    },
    'connections.bulk': (input) => {
      const { ids, change } = input as unknown as {
        ids: string[];
        change: { addTags?: string[]; removeTags?: string[]; folder?: string; state?: Connection['state'] };
      };
      const undo = ids.map((each) => {
        const { state, folder, tags } = find(scenario.connections, each);
        const back = {
          ...(change.state === undefined ? {} : { state }),
          ...(change.folder === undefined ? {} : { folder }),
          removeTags: (change.addTags ?? []).filter((tag) => !tags.includes(tag)),
          addTags: (change.removeTags ?? []).filter((tag) => tags.includes(tag)),
        };
        return { ids: [each], change: back };
      });
      for (const each of ids) {
        const found = find(scenario.connections, each);
        const kept = found.tags.filter((tag) => !change.removeTags?.includes(tag));
        found.tags = [...new Set([...kept, ...(change.addTags ?? [])])];
        found.folder = change.folder ?? found.folder;
        found.state = change.state ?? found.state;
      }
      changed('connections');
      return { changed: ids.length, undo };
    },
    'connections.test': async (input, callId) => {
      const found = byId(input);
      await wait(found.host.startsWith('slow') ? 60_000 : 300, callId);
      return record(found);
    },
    'connections.testAll': async (input, callId) => {
      const { ids } = input as unknown as { ids?: string[] };
      const all = scenario.connections.filter(
        (each) => each.state === 'active' && each.may !== 'see' && (ids?.includes(each.id) ?? true),
      );
      const failed: unknown[] = [];
      for (const each of all) {
        await wait(each.host.startsWith('slow') ? 60_000 : 5, callId);
        const { error } = record(each);
        if (error) failed.push({ id: each.id, name: each.name, error });
      }
      return { tested: all.length, ok: all.length - failed.length, failed };
    },
    'connections.trustHost': (input) => {
      const question = byId(input).lastTest?.hostKey;
      if (question?.fingerprint !== input['fingerprint'] || question?.reason !== 'unknown') {
        throw refuse('NOT_FOUND', 'The last test of this connection met no such key.');
      }
      const { host, port, type, fingerprint } = question;
      const accepted = { host, port, type, fingerprint, acceptedBy: 'Asha Rao', acceptedAt: stamp() };
      scenario.hostKeys.push({ id: id(), ...accepted });
      changed('connections');
      return scenario.hostKeys.at(-1);
    },
    'hostKeys.list': () => scenario.hostKeys,
    'hostKeys.forget': (input) => {
      drop(scenario.hostKeys, input['id'] ?? '');
      changed('connections');
      return {};
    },
    'connections.usage': (input) => {
      const { id: of, usedBy } = byId(input);
      const projects = usedBy.map((each) => ({ ...each, links: 1, datasets: 1, running: 0, lastSync: null }));
      return scenario.usages[of] ?? { projects, sources: [], sameLogin: [], leases: 0 };
    },
    'connections.recent': (input) => {
      const { ids } = input as unknown as { ids: string[] };
      return ids.map((each) => ({
        id: each,
        checks: (scenario.histories[each]?.checks ?? []).slice(-24),
        rungs:
          find(scenario.connections, each).lastTest?.rungs.map(({ name, state }) => ({ name, state })) ??
          null,
      }));
    },
    'connections.history': (input) => scenario.histories[byId(input).id] ?? { checks: [], changes: [] },
    'connections.rotate': async (input, callId) => {
      const found = byId(input);
      await wait(300, callId);
      const others = ((input['also'] ?? []) as string[]).map((each) => find(scenario.connections, each));
      const refused = input['password'] === 'refused by the server';
      const test = climb(refused ? { ...found, host: 'refuses' } : found);
      if (refused) return { done: false, test, switched: [], undoableUntil: null };
      found.undoableUntil = new Date(Date.now() + 86_400_000).toISOString();
      changed('connections');
      const switched = [found, ...others].map((each) => ({ id: each.id, name: each.name }));
      return { done: true, test, switched, undoableUntil: found.undoableUntil };
    },
    'connections.undoRotation': async (input, callId) => {
      const found = byId(input);
      await wait(100, callId);
      found.undoableUntil = null;
      changed('connections');
      const switched = [{ id: found.id, name: found.name }];
      return { done: true, test: climb(found), switched, undoableUntil: null };
    },
  };
}
