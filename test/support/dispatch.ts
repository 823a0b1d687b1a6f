import { randomUUID } from 'node:crypto';
import { createAgentRules } from '../../main/access/agent-calls.ts';
import { createAudit } from '../../main/access/audit.ts';
import type { Seat } from '../../main/access/seats.ts';
import { type AllHandlers, createDispatch, type Dispatch } from '../../main/dispatch.ts';
import type { Caller } from '../../main/services/context.ts';
import { type CallName, callNames } from '../../preload/contract/channels.ts';
import { type Envelope, wireError } from '../../preload/contract/errors.ts';
import type { Person } from '../../preload/contract/models.ts';
import { type Role, roles } from '../../preload/contract/permissions.ts';
import { instant, keptLog, storeIn, temporaryFolder } from './parts.ts';

export type AnyHandler = (input: never, caller: Caller) => unknown;

export const personWith = (...held: Role[]): Person => ({
  id: randomUUID(),
  name: `holds ${held}`,
  roles: held,
});
export const everything = personWith(...roles);
export const id = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';

/** Inputs that the contract takes, one per call. */
export const good: Readonly<Record<CallName, unknown>> = {
  'app.info': {},
  'app.setTheme': { theme: 'dark' },
  'app.language': {},
  'app.setLanguage': { language: 'fr' },
  'app.background': {},
  'app.setBackground': { keepsRunning: true },
  'app.health': {},
  'app.diagnostics': {},
  'session.state': {},
  'session.signIn': { personId: id, passphrase: 'pass-canary-4' },
  'session.lock': {},
  'session.touch': {},
  'policy.get': {},
  'policy.set': { reveal: 'forbid' },
  'policy.retention': {},
  'policy.setRetention': { jobDays: 30 },
  'policy.proxy': {},
  'policy.setProxy': { mode: 'none' },
  'vault.status': {},
  'vault.unlock': {},
  'vault.slots': {},
  'vault.addSlot': { to: 'passphrase', passphrase: 'pass-canary-5' },
  'vault.removeSlot': { id },
  'vault.rotate': {},
  'vault.changeProtector': { to: 'passphrase', passphrase: 'pass-canary-5' },
  'vault.publicKey': {},
  'vault.wipe': { confirm: 'WIPE' },
  'secrets.reveal': { connectionId: id, field: 'password', reason: 'because' },
  'secrets.copy': { connectionId: id, field: 'user', reason: 'because' },
  'people.list': {},
  'people.create': { name: 'n', roles: ['viewer'], passphrase: 'pass-canary-6' },
  'people.update': { id, name: 'm' },
  'people.delete': { id },
  'people.setPassphrase': { id, passphrase: 'pass-canary-7', next: 'pass-canary-8' },
  'agents.enter': { token: 'pass-canary-14' },
  'agents.list': {},
  'agents.grant': { projectId: id, name: 'n' },
  'agents.letIn': { projectId: id, name: 'n', keep: 'file' },
  'agents.revoke': { id },
  'grants.list': { connectionId: id },
  'grants.set': { connectionId: id, personId: id, level: 'use' },
  'connections.list': {},
  'connections.get': { id },
  'connections.create': { name: 'n', host: 'h', database: 'd', user: 'u', password: 'pass-canary-1' },
  'connections.update': { id, password: 'pass-canary-2' },
  'connections.delete': { id },
  'connections.deleted': {},
  'connections.restore': { id },
  'connections.test': { id },
  'connections.try': { host: 'h', database: 'd', user: 'u', password: 'pass-canary-15' },
  'connections.duplicate': { id, name: 'n' },
  'connections.bulk': { ids: [id], change: { folder: 'f' } },
  'connections.testAll': {},
  'connections.trustHost': { id, fingerprint: 'SHA256:x' },
  'connections.usage': { id },
  'connections.history': { id },
  'connections.recent': { ids: [id] },
  'connections.structure': { id },
  'connections.rotate': { id, password: 'pass-canary-9' },
  'connections.undoRotation': { id },
  'connections.export': {},
  'connections.seal': { ids: [id], for: { passphrase: 'pass-canary-10' }, reason: 'because' },
  'hostKeys.list': {},
  'hostKeys.forget': { id },
  'imports.found': {},
  'imports.preview': { kind: 'pgpass', text: 'h:5432:d:u:pass-canary-11' },
  'imports.apply': { planId: id },
  'imports.discard': { planId: id },
  'leases.list': {},
  'leases.mint': { connectionId: id, deliver: 'copy' },
  'leases.end': { id },
  'sources.types': {},
  'sources.list': {},
  'sources.create': { name: 'n', sourceType: 'commcare', baseUrl: 'https://hq.org', clientId: 'c' },
  'sources.update': { id, name: 'm' },
  'sources.delete': { id },
  'sources.discover': { id },
  'sources.choices': { id },
  'sources.pace': {},
  'credentials.list': {},
  'credentials.signIn': { sourceId: id },
  'credentials.signInWith': { sourceId: id, kind: 'api_key', fields: { user: 'u', apiKey: 'k' } },
  'credentials.disconnect': { id },
  'projects.list': {},
  'projects.create': { name: 'n', connectionId: id },
  'projects.update': { id },
  'projects.delete': { id },
  'links.list': { projectId: id },
  'links.create': { projectId: id, sourceId: id, syncConfig: { datasets: ['forms'] } },
  'links.update': { id },
  'links.delete': { id },
  'kept.list': {},
  'kept.wouldBe': { projectId: id },
  'kept.drop': { id },
  'kept.forget': { id },
  'datasets.list': {},
  'datasets.tables': { id },
  'datasets.rows': { id, table: 't' },
  'datasets.count': { id, table: 't' },
  'datasets.distribution': { id, table: 't', column: 'c' },
  'datasets.row': { id, table: 't', key: ['k'] },
  'datasets.titles': {},
  'datasets.dictionary': { id },
  'datasets.changes': { id },
  'datasets.history': { ids: [id], zone: 'Africa/Nairobi' },
  'datasets.keep': { id },
  'datasets.accept': { id },
  'datasets.discard': { id },
  'datasets.recount': { id },
  'dictionary.describe': { id, table: 't', column: 'c', description: 'd' },
  'dictionary.search': { text: 't' },
  'dictionary.export': { projectId: id, format: 'dbt' },
  'query.open': { projectId: id, sql: 'SELECT 1' },
  'query.scope': { projectId: id },
  'query.setScope': { projectId: id, schemas: [], functions: [] },
  'query.page': { handle: id },
  'query.close': { handle: id },
  'query.explain': { projectId: id, sql: 'SELECT 1' },
  'query.export': { projectId: id, sql: 'SELECT 1', format: 'csv' },
  'query.saveChart': { format: 'svg', content: '<svg></svg>' },
  'query.history': { projectId: id },
  'query.keep': { id, isPinned: true },
  'query.forget': { id },
  'query.statistics': { projectId: id },
  'syncs.start': { linkId: id },
  'syncs.pause': { id },
  'syncs.resume': { id },
  'syncs.cancel': { id },
  'syncs.takeOver': { id, reason: 'because' },
  'syncs.list': {},
  'syncs.get': { id },
  'syncs.log': { id },
  'projects.searchPath': { projectId: id },
  'timetable.get': {},
  'timetable.hold': { on: true },
  'notices.list': {},
  'notices.read': { ids: [id] },
  'notices.readAll': {},
  'notices.preferences': {},
  'notices.setPreferences': { email: 'n@example.org' },
  'notices.channels': {},
  'notices.setWebhook': { on: true, url: 'https://hooks.example.org/x', secret: 'pass-canary-12-long' },
  'notices.setEmail': {
    ...{ on: true, host: 'smtp.example.org', port: 587, security: 'starttls', from: 'h@example.org' },
    ...{ user: 'u', password: 'pass-canary-13' },
  },
  'notices.test': { channel: 'webhook' },
  'demo.state': {},
  'demo.start': {},
  'demo.leave': {},
  'audit.list': {},
  'audit.verify': {},
  'audit.export': { format: 'csv' },
  'audit.trim': { before: instant },
};

/** What dispatch asks others; a test says what they answer. */
export interface Asked {
  readonly isSeated?: (personId: string) => boolean;
  readonly grantOf?: (personId: string, connectionId: string) => 'use' | 'manage' | null;
  readonly isRestricted?: (connectionId: string) => boolean;
  readonly profileName?: (personId: string) => string | null;
  readonly onActivity?: () => void;
  readonly now?: () => number;
}

/** The real dispatch, audit log and store; what the handlers do is up to the test. */
export function dispatchWith(handle: (name: CallName) => AnyHandler, asked: Asked = {}) {
  const folder = temporaryFolder();
  const store = storeIn(folder.path);
  const audit = createAudit(store, () => instant);
  const { log, lines, redactor } = keptLog();
  const handlers = Object.fromEntries(
    callNames.map((name) => [name, handle(name)]),
  ) as unknown as AllHandlers;
  const dispatch: Dispatch = createDispatch({
    handlers,
    audit,
    log,
    redactor,
    newId: randomUUID,
    grants: { grantOf: asked.grantOf ?? (() => null), isRestricted: asked.isRestricted ?? (() => false) },
    agents: createAgentRules({ store, now: asked.now ?? (() => Date.parse(instant)) }),
    profileName: asked.profileName ?? (() => null),
    now: asked.now ?? (() => Date.parse(instant)),
  });
  const seats = new Map<string | null, Seat>();
  /** Everybody has a seat of their own. */
  const seatOf = (person: Person | null): Seat => {
    const found = seats.get(person?.id ?? null);
    if (found) return found;
    const session = {
      person: () => (person !== null && (asked.isSeated ?? (() => true))(person.id) ? person : null),
      touch: asked.onActivity ?? (() => {}),
    } as Seat['session'];
    const seat = { id: seats.size, kind: 'terminal', session } as Seat;
    seats.set(person?.id ?? null, seat);
    return seat;
  };
  const call = (
    name: string,
    input: unknown,
    person: Person | null = everything,
    callId: string = randomUUID(),
  ) => dispatch.call(seatOf(person), name, input, callId);
  return {
    dispatch,
    seatOf,
    call,
    store,
    audit,
    lines,
    redactor,
    folder: folder.path,
    entries: () => store.audit.list(1000).reverse(),
    [Symbol.dispose]: () => {
      store.close();
      folder[Symbol.dispose]();
    },
  };
}
export const errorOf = (envelope: Envelope<unknown>) => {
  if (envelope.ok) throw new Error('the call was answered');
  return wireError.parse(envelope.error);
};
