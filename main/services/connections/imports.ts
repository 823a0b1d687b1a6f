import { unnamedUser } from '../../../preload/contract/engines.ts';
import type { ImportPlan, Person, PlannedConnection, PlannedHost } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { english, say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import {
  environmentOf,
  type Found,
  type FoundConnection,
  type FoundHop,
  type FoundHost,
  usualTlsMode,
} from '../../imports/found.ts';
import { parseImport } from '../../imports/parse.ts';
import { isByPassphrase, openBundle } from '../../vault/bundle/bundle.ts';
import { createBundleKey } from '../../vault/bundle/key-pair.ts';
import { type Caller, emitChanged, type Handlers, type Services } from '../context.ts';
import { applyImport } from './import-apply.ts';
import {
  countOf,
  hasOwnRevocations,
  type Placed,
  placedKinds,
  readCertificate,
  readOwnCertificate,
  readPlaced,
  readPublicKey,
} from './import-files.ts';
import { planProjects } from './import-projects.ts';
import { createTurns } from './import-turns.ts';
import { missingOf, usualModeOf } from './import-usual.ts';

/** What is read but not decided yet holds passwords: it is dropped after this, and only so many are kept. */
const planMs = 30 * 60_000;
const mostPlans = 5;

interface Plan {
  readonly view: ImportPlan;
  readonly found: Found;
  readonly madeAt: number;
  readonly forget: () => void;
}

/** Headgate's own files: they tell everything. */
const ownKinds: ReadonlySet<ImportPlan['kind']> = new Set(['headgate', 'sealed', 'legacy']);
/** Certificates that libpq takes without being told of them. */
interface Unasked {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly revokes?: boolean;
}
/** Kinds whose files leave passwords to ~/.pgpass. */
const lentTo: ReadonlySet<ImportPlan['kind']> = new Set([
  'pg_service',
  'dbeaver',
  'pgadmin',
  'azure_data_studio',
]);
const tooOpen = ({ path }: Placed): Said => say('connections.othersCanReadSo', { path });

const keyOf = (index: number): string => `c${index + 1}`;
const hostKeyOf = (index: number): string => `h${index + 1}`;
const hopText = ({ user, host, port }: FoundHop): string => `${user}@${host}${port === 22 ? '' : `:${port}`}`;

/** Every text in what was found that nobody may see. */
function secretsOf(found: Found): string[] {
  const ofHop = ({ key, keyPassphrase, password }: FoundHop) => [key, keyPassphrase, password];
  return found.connections
    .flatMap(({ password, keyPassphrase, tlsKey, tlsKeyPassphrase, ssh }) => [
      password,
      keyPassphrase,
      tlsKey,
      tlsKeyPassphrase,
      ...(ssh ?? []).flatMap(ofHop),
    ])
    .concat(
      (found.sources ?? []).map((source) => source?.clientSecret),
      (found.taken ?? []).flatMap(({ signIns }) =>
        signIns.flatMap((each) =>
          each.kind === 'oauth'
            ? [each.share.key]
            : each.kind === 'api_key'
              ? [each.apiKey]
              : Object.values(each.typed),
        ),
      ),
    )
    .filter((each) => each !== undefined && each !== '') as string[];
}

/** Connections from other tools, from other Headgates and from projects of old: read, reviewed, then taken. */
export function importService(services: Services): Handlers<'imports'> {
  const { store, vault, host } = services;
  const bundleKey = createBundleKey(vault, store.workspaceId, host.random);
  const plans = new Map<string, Plan>();

  const discard = (planId: string): void => {
    plans.get(planId)?.forget();
    plans.delete(planId);
  };
  const tidy = (): void => {
    const now = host.clock.now();
    for (const [id, { madeAt }] of plans) if (now - madeAt > planMs) discard(id);
    for (const id of [...plans.keys()].slice(0, Math.max(0, plans.size - mostPlans))) discard(id);
  };

  /** The connection that is there already and is equal in all that was told, its password included where one was. */
  const sameAs = async (found: FoundConnection): Promise<string | null> => {
    for (const { id } of store.connections.at(found.host, found.port, found.database)) {
      const { hostAddress, signIn } = store.connections.get(id);
      if (found.hostAddress !== undefined && found.hostAddress !== hostAddress) continue;
      if (found.signIn !== undefined && found.signIn !== signIn) continue;
      using secrets = await vault.open(id);
      if (found.user !== undefined && secrets?.text('user') !== found.user) continue;
      if (found.password !== undefined && secrets?.text('password') !== found.password) continue;
      return id;
    }
    return null;
  };

  const withCertificates = async (found: FoundConnection, unasked: Unasked): Promise<FoundConnection> => {
    const notes = [...found.notes];
    const read = async (value: string | undefined, what: string): Promise<string | undefined> => {
      if (value === undefined || value.includes('-----BEGIN')) return value;
      if (value === 'system') return undefined;
      const text = await readCertificate(value, host.homeFolder);
      if (text === undefined)
        notes.push(`The ${what} ${value} could not be read and must be chosen by hand.`);
      return text;
    };
    let tlsCa = await read(found.tlsCa, 'CA certificate');
    // Where no CA is told, libpq takes the person's own, and the drivers that follow it do; without TLS it is of no use.
    const verifies = found.tlsMode !== undefined && !['disable', 'allow', 'prefer'].includes(found.tlsMode);
    const asLibpq = (found.engine ?? 'postgres') === 'postgres';
    if (found.tlsCa === undefined && verifies && asLibpq) {
      tlsCa = unasked.ca;
      if (tlsCa !== undefined)
        notes.push('The CA of this computer’s user (root.crt) was taken, as libpq does.');
      if (unasked.cert !== undefined && found.tlsCert === undefined)
        notes.push(
          'libpq would show the server postgresql.crt too; choose it here, with its key, if it asks.',
        );
    }
    if (unasked.revokes && verifies && asLibpq)
      notes.push('libpq would look into root.crl too; certificates that are revoked there are taken here.');
    const tlsCert = await read(found.tlsCert, 'client certificate');
    const ssh = found.ssh && (await Promise.all(found.ssh.map((hop) => withAgentKey(hop, notes))));
    return { ...found, tlsCa, tlsCert, ssh, notes };
  };

  /** A jump host with the key of the agent that its file names by a path. */
  const withAgentKey = async ({ agentKeyFile, ...hop }: FoundHop, notes: string[]): Promise<FoundHop> => {
    if (agentKeyFile === undefined) return hop;
    const agentKey = await readPublicKey(agentKeyFile, host.homeFolder);
    if (agentKey === undefined)
      notes.push(`The public key ${agentKeyFile} could not be read; any key of the agent is used.`);
    return { ...hop, agentKey: agentKey ?? null };
  };

  const planned = async (
    found: FoundConnection,
    index: number,
    projects: readonly string[],
  ): Promise<PlannedConnection> => {
    const notes = [...found.notes];
    const engine = found.engine ?? 'postgres';
    const tlsMode = found.tlsMode ?? usualModeOf(engine);
    if (found.tlsMode === undefined)
      notes.push(
        engine === 'postgres'
          ? `No TLS mode was told; libpq’s own, “${usualTlsMode}”, was taken. It does not check who the server is.`
          : `No TLS mode was told; “${tlsMode}” was taken, which checks who the server is.`,
      );
    const environment = found.environment ?? environmentOf(`${found.name} ${found.folder ?? ''}`);
    if (found.environment === undefined && environment !== 'development')
      notes.push(`The environment was taken from the name.`);
    const missing = [
      ...(found.user === undefined ? ['the user'] : []),
      ...missingOf(found),
      ...(found.ssh ?? []).flatMap(({ auth, host, keyFile, key, password }) => {
        if (auth === 'password' && password === undefined) return [`the password of ${host}`];
        return auth === 'key' && keyFile === null && key === undefined ? [`the key for ${host}`] : [];
      }),
    ];
    if (missing.length > 0) notes.push(`Not in the file: ${missing.join(', ')}. Enter it after importing.`);
    if (store.deletedConnections.isNamed(found.name, environment))
      notes.push('One of this name was deleted; restored, it would have its history and grants again.');
    const same = await sameAs(found);
    const taken = store.connections.findNamed(found.name, environment);
    return {
      key: keyOf(index),
      name: found.name.slice(0, 200),
      environment,
      host: found.host,
      port: found.port,
      database: found.database,
      user: found.user === undefined || found.user === unnamedUser ? '' : found.user,
      tlsMode,
      ssh: (found.ssh ?? []).map(hopText),
      hasPassword: found.password !== undefined,
      status: same !== null ? 'same' : taken !== null ? 'taken' : missing.length > 0 ? 'incomplete' : 'new',
      notes,
      projects: [...projects],
      existingId: same ?? taken,
    };
  };

  /** Connections without a jump host, by their host. */
  const directByHost = (): Map<string, string[]> => {
    const byHost = new Map<string, string[]>();
    for (const { id, host: to, ssh } of store.connections.all()) {
      if (ssh.length > 0) continue;
      const ids = byHost.get(to.toLowerCase()) ?? [];
      ids.push(id);
      byHost.set(to.toLowerCase(), ids);
    }
    return byHost;
  };

  /** Projects of old with their credentials in them, and what would become of each. */
  const legacyProjects = (found: Found, views: readonly PlannedConnection[]): ImportPlan['projects'] =>
    found.projects.map(({ name, schema, connection }) => {
      const there = store.projects.findNamed(name);
      const target = views[connection];
      const same = there !== null && target?.status === 'same' && there.connectionId === target.existingId;
      const status = there === null ? 'new' : same ? 'same' : 'repointed';
      return { name, schema, connectionKey: keyOf(connection), status, links: [], notes: [] };
    });

  const makePlan = async (
    kind: ImportPlan['kind'],
    read: Found,
    ignored: Placed | null,
    person: Person,
  ): Promise<ImportPlan> => {
    const forgets = secretsOf(read).map((secret) => host.redactor.add(secret));
    const connections: FoundConnection[] = [];
    const unasked: Unasked = ownKinds.has(kind)
      ? {}
      : {
          ca: await readOwnCertificate('root.crt', host),
          cert: await readOwnCertificate('postgresql.crt', host),
          revokes: await hasOwnRevocations(host),
        };
    for (const each of read.connections) connections.push(await withCertificates(each, unasked));
    const sshHosts: FoundHost[] = [];
    for (const each of read.hosts) {
      const notes = [...each.notes];
      const chain = await Promise.all(each.chain.map((hop) => withAgentKey(hop, notes)));
      sshHosts.push({ ...each, chain, notes });
    }
    const found: Found = { ...read, connections, hosts: sshHosts };
    const views: PlannedConnection[] = [];
    const projectsOf = new Map<number, string[]>();
    for (const { connection, name } of [...found.projects, ...(found.taken ?? [])])
      projectsOf.set(connection, [...(projectsOf.get(connection) ?? []), name]);
    const others = createTurns();
    for (const [index, each] of connections.entries()) {
      await others();
      views.push(await planned(each, index, projectsOf.get(index) ?? []));
    }
    const byHost = found.hosts.length === 0 ? new Map<string, string[]>() : directByHost();
    const hosts: PlannedHost[] = found.hosts.map(({ alias, chain, notes }, index) => ({
      key: hostKeyOf(index),
      alias,
      chain: chain.map(hopText),
      notes: [...notes],
      suggested: [...new Set([alias, chain.at(-1)?.host ?? ''].map((name) => name.toLowerCase()))].flatMap(
        (name) => byHost.get(name) ?? [],
      ),
    }));
    const view: ImportPlan = {
      planId: services.newId(),
      kind,
      connections: views,
      hosts,
      projects: [...planProjects(services, found, views, person), ...legacyProjects(found, views)],
      problems: [
        ...(ignored ? [{ where: '.pgpass', message: english(tooOpen(ignored)) }] : []),
        ...found.problems.map(({ where, message }) => ({ where: where.slice(0, 200), message })),
      ],
    };
    const forget = (): void => {
      for (const each of forgets) each();
    };
    plans.set(view.planId, { view, found, madeAt: host.clock.now(), forget });
    tidy();
    return view;
  };

  const textOf = async (input: {
    kind: ImportPlan['kind'];
    text?: string | undefined;
    credentials?: string | undefined;
  }) => {
    if (input.text !== undefined) return { text: input.text, credentials: input.credentials };
    const kind = placedKinds.find((each) => each === input.kind);
    const placed = kind ? await readPlaced(kind, host) : null;
    if (placed?.isOpen)
      throw new AppError('IMPORT_UNREADABLE', tooOpen(placed), {
        advice: say('connections.makeYoursAloneChmod', { path: placed.path }),
      });
    if (placed) return { text: placed.text, credentials: input.credentials ?? placed.credentials };
    throw new AppError('IMPORT_UNREADABLE', say('connections.noSuchFileUsual'), {
      advice: say('connections.noSuchFileUsual.advice'),
    });
  };

  /** At a terminal whoever gives no passphrase means the key of this workspace; of a page's file it is looked which it is. */
  const openSealed = async (
    text: string,
    passphrase: string | undefined,
    caller: Caller,
  ): Promise<string> => {
    const byPassphrase = caller.seat.kind === 'window' ? isByPassphrase(text) : passphrase !== undefined;
    if (byPassphrase) {
      const asked = {
        title: say('asks.bundleOpen.title'),
        what: say('asks.bundleOpen.what'),
        label: say('asks.bundlePassphrase'),
      };
      return services.access.typed.known(caller, passphrase, asked, async (entered) =>
        (await openBundle(text, { passphrase: entered })).toString('utf8'),
      );
    }
    const privateKey = await bundleKey.privateKey();
    try {
      return (await openBundle(text, { privateKey })).toString('utf8');
    } finally {
      privateKey.fill(0);
    }
  };

  return {
    async 'imports.found'() {
      const all = await Promise.all(
        placedKinds.map(async (kind) => {
          const placed = await readPlaced(kind, host);
          return placed
            ? { kind, path: placed.path, count: countOf(kind, placed.text, host.userName) }
            : null;
        }),
      );
      return all.filter((each) => each !== null && each.count > 0) as {
        kind: ImportPlan['kind'];
        path: string;
        count: number;
      }[];
    },
    async 'imports.preview'(input, caller) {
      const { text, credentials } = await textOf(input);
      const plain = input.kind === 'sealed' ? await openSealed(text, input.passphrase, caller) : text;
      const placed = lentTo.has(input.kind) ? await readPlaced('pgpass', host) : null;
      const pgpass = placed && !placed.isOpen ? placed.text : null;
      const kind = input.kind === 'sealed' ? 'headgate' : input.kind;
      const found = parseImport(kind, plain, { pgpass, credentials, userName: host.userName });
      return makePlan(input.kind, found, placed?.isOpen ? placed : null, caller.person);
    },
    async 'imports.apply'({ planId, connections, hosts, projects }, caller) {
      tidy();
      const plan = plans.get(planId);
      if (!plan) {
        throw new AppError('NOT_FOUND', say('connections.importNotKnownAny'), {
          advice: say('connections.importNotKnownAny.advice'),
        });
      }
      try {
        const decisions = { connections, hosts, projects };
        return await applyImport(services, plan.view, plan.found, decisions, caller, sameAs);
      } finally {
        discard(planId);
        emitChanged(services, 'connections', 'projects', 'sources', 'links', 'credentials', 'datasets');
      }
    },
    'imports.discard'({ planId }) {
      discard(planId);
      return {};
    },
  };
}
