import type {
  Grant,
  ImportPlan,
  LeasedLogin,
  PlannedConnection,
  Structure,
  StructureTable,
} from '../../../preload/contract/models.ts';
import type { FakeHandlers, FakeInput, FakeTools } from './fake-tools.ts';

/**
 * What is beside a connection, and how connections come and go. A pasted text with `nothing` in it is an empty plan, one
 * with `broken` can't be read; everything else is the same plan of four.
 */
export function fakeMoving(tools: FakeTools): FakeHandlers {
  const { scenario, changed, wait, refuse, find, stamp, id } = tools;
  const grants: Grant[] = [];
  const leases: LeasedLogin[] = [];
  const discarded: string[] = [];
  let structureReads = 0;

  const planned = (key: string, over: Partial<PlannedConnection>): PlannedConnection => ({
    key,
    name: 'Reports',
    environment: 'production',
    host: 'db.example.org',
    port: 5432,
    database: 'reports',
    user: 'etl',
    tlsMode: 'verify-full',
    ssh: [],
    hasPassword: true,
    status: 'new',
    notes: [],
    projects: [],
    existingId: null,
    ...over,
  });
  const planOf = (kind: ImportPlan['kind']): ImportPlan => ({
    planId: id(),
    kind,
    connections: [
      planned('c1', {}),
      planned('c2', {
        name: 'Entrepôt régional – santé communautaire, déclarations mensuelles',
        status: 'incomplete',
        hasPassword: false,
        ssh: ['ops@bastion.example.org', 'ops@inner:2200'],
        notes: ['Not in the file: the password. Enter it after importing.'],
      }),
      planned('c3', { name: 'Warehouse', status: 'taken', existingId: scenario.connections[0]?.id ?? null }),
      planned('c4', { name: 'Archive', status: 'same', existingId: scenario.connections[0]?.id ?? null }),
    ],
    hosts:
      kind === 'ssh_config'
        ? [
            {
              key: 'h1',
              alias: 'db-inner',
              chain: ['ops@bastion.example.org', 'ops@db-inner'],
              notes: ['It has a ProxyCommand, which is not run here.'],
              suggested: [],
            },
          ]
        : [],
    projects:
      kind === 'legacy'
        ? [
            { name: 'Bednets', schema: 'bednets', connectionKey: 'c1', status: 'new', links: [], notes: [] },
            {
              ...{ name: 'Malaria', schema: 'public', connectionKey: 'c1', status: 'repointed' },
              ...{ links: [], notes: [] },
            },
          ]
        : [],
    problems: [{ where: 'line 3', message: 'is not a URL that begins with postgres://' }],
  });

  const table = (name: string, over: Partial<StructureTable> = {}): StructureTable => ({
    name,
    kind: 'table',
    comment: null,
    rows: 1204,
    columns: [
      { name: 'id', type: 'integer', nullable: false, comment: null },
      { name: 'household_head_name', type: 'text', nullable: true, comment: 'परिवार के मुखिया का नाम' },
    ],
    primaryKey: ['id'],
    foreignKeys: [],
    ...over,
  });
  const structure = (many: boolean): Structure => ({
    at: stamp(),
    warning: null,
    cut: false,
    schemas: [
      {
        name: 'public',
        comment: null,
        tables: many
          ? Array.from({ length: 5000 }, (_, n) => table(`table_${n}`))
          : [
              table('site'),
              table('visit', {
                comment: 'One row per visit',
                foreignKeys: [{ columns: ['site'], references: 'public.site', referenced: ['id'] }],
              }),
            ],
      },
      {
        name: 'field',
        comment: null,
        tables: [table('recent', { kind: 'view', rows: null, primaryKey: [] })],
      },
    ],
    changes:
      structureReads > 1
        ? [
            {
              kind: 'column_added',
              schema: 'public',
              table: 'site',
              column: 'code',
              before: null,
              after: 'integer',
            },
          ]
        : [],
    changesSince: structureReads > 1 ? stamp() : null,
  });
  const connectionOf = (input: FakeInput) =>
    find(scenario.connections, input['connectionId'] ?? input['id'] ?? '');
  const handedOver = (input: FakeInput, text: string, count: number) =>
    input['save'] ? { text: null, path: '/home/asha/headgate.json', count } : { text, path: null, count };

  return {
    'imports.found': () => [
      { kind: 'pg_service', path: '/home/asha/.pg_service.conf', count: 6 },
      { kind: 'ssh_config', path: '/home/asha/.ssh/config', count: 1 },
    ],
    'imports.preview': async (input, callId) => {
      await wait(150, callId);
      const text = String(input['text'] ?? '');
      if (input['kind'] === 'sealed' && scenario.people.typed.shift() === null)
        throw refuse('CANCELLED', 'Nothing was entered in the window that asked for it.');
      if (text.includes('broken'))
        throw refuse('IMPORT_UNREADABLE', 'This is not JSON: something is wrong in line 1.');
      const plan = planOf(input['kind'] ?? 'url');
      return text.includes('nothing') ? { ...plan, connections: [], problems: [] } : plan;
    },
    'imports.apply': async (input, callId) => {
      await wait(150, callId);
      const choices = (input['connections'] ?? []) as { key: string; action: string; name: string }[];
      changed('connections', 'projects');
      return {
        created: choices.filter(({ action }) => action === 'create').map(({ name }) => ({ id: id(), name })),
        replaced: choices
          .filter(({ action }) => action === 'replace')
          .map(({ name }) => ({ id: id(), name })),
        skipped: 4 - choices.length,
        projects: ((input['projects'] ?? []) as string[]).map((name) => ({ id: id(), name })),
        problems: [],
        cleaned: ((input['projects'] ?? []) as string[]).length > 0 ? '[{"name":"Bednets"}]' : null,
      };
    },
    'imports.discard': (input) => {
      discarded.push(input['planId'] ?? '');
      document.documentElement.dataset['discarded'] = String(discarded.length);
      return {};
    },
    'connections.export': (input) => handedOver(input, '{"format":"headgate-connections"}', 2),
    'connections.seal': async (input, callId) => {
      await wait(200, callId);
      // Asked outside the page, and closed.
      if (scenario.people.typed.shift() === null)
        throw refuse('CANCELLED', 'Nothing was entered in the window that asked for it.');
      return handedOver(input, '-----BEGIN AGE ENCRYPTED FILE-----\n', 1);
    },
    'connections.structure': async (input, callId) => {
      const { host } = connectionOf(input);
      if (input['refresh']) structureReads += 1;
      else structureReads = Math.max(1, structureReads);
      await wait(input['refresh'] ? 400 : 50, callId);
      const answer = structure(host.startsWith('many'));
      if (!host.startsWith('away')) return answer;
      const warning = {
        code: 'DB_TIMEOUT',
        kind: 'transient',
        message: 'away.example.org:5432 did not answer within 15 seconds.',
        advice: 'Check the network, VPN or firewall between here and the server, then try again.',
      } as const;
      return { ...answer, warning };
    },
    'grants.list': (input) => grants.filter(({ connectionId }) => connectionId === input['connectionId']),
    'grants.set': (input) => {
      const { connectionId, personId, level } = input as Record<string, string | null>;
      const at = grants.findIndex((each) => each.connectionId === connectionId && each.personId === personId);
      if (at >= 0) grants.splice(at, 1);
      if (level !== null) {
        grants.push({
          connectionId: connectionId ?? '',
          personId: personId ?? '',
          personName: '',
          level: level as Grant['level'],
          grantedBy: scenario.info.person.name,
          at: stamp(),
        });
      }
      changed('connections');
      return grants.filter((each) => each.connectionId === connectionId);
    },
    'leases.list': (input) => leases.filter(({ connectionId }) => connectionId === input['connectionId']),
    'leases.mint': async (input, callId) => {
      await wait(150, callId);
      const { id: connectionId, name } = connectionOf(input);
      const made: LeasedLogin = {
        id: id(),
        connectionId,
        connectionName: name,
        personName: scenario.info.person.name,
        user: `headgate_${id().slice(0, 8)}`,
        state: 'active',
        createdAt: stamp(),
        validUntil: new Date(Date.parse(stamp()) + 3_600_000).toISOString(),
      };
      leases.unshift(made);
      changed('connections');
      return made;
    },
    'leases.end': (input) => {
      const lease = find(leases, input['id'] ?? '');
      Object.assign(lease, { state: 'ended' });
      changed('connections');
      return lease;
    },
  };
}
