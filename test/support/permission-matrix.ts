import type { CallName } from '../../preload/contract/channels.ts';
import type { Role } from '../../preload/contract/permissions.ts';

/*
 * Who may make which call, written down by hand: a wrong line in the contract or in the table of roles is not on both
 * sides of the comparison. D = dba, P = project_admin, A = analyst, V = viewer. What a grant to one connection adds or takes
 * is said behind it: `use` (a connection for some only asks for a grant), `manage` (a grant makes up for the role).
 */
type Letters = '' | 'D' | 'P' | 'PA' | 'DPA' | 'DPAV';
type Line = Letters | 'anybody' | 'DPA use' | 'D manage';

const matrix: Readonly<Record<CallName, Line>> = {
  // Before anybody is signed in.
  'session.state': 'anybody',
  'session.signIn': 'anybody',
  'session.lock': 'anybody',
  'app.health': 'anybody',
  'app.language': 'anybody',
  'app.setLanguage': 'anybody',
  'agents.enter': 'anybody',

  // Names, states and one's own profile: everybody who is signed in.
  'app.info': 'DPAV',
  'app.setTheme': 'DPAV',
  'app.background': 'DPAV',
  'app.setBackground': 'DPAV',
  'session.touch': 'DPAV',
  'policy.get': 'DPAV',
  'policy.retention': 'DPAV',
  'policy.proxy': 'DPAV',
  'vault.status': 'DPAV',
  'vault.unlock': 'DPAV',
  'vault.slots': 'DPAV',
  'vault.publicKey': 'DPAV',
  'people.list': 'DPAV',
  'people.setPassphrase': 'DPAV',
  'grants.list': 'DPAV',
  'agents.list': 'DPAV',
  'agents.revoke': 'DPAV',
  'hostKeys.list': 'DPAV',
  'connections.list': 'DPAV',
  'connections.get': 'DPAV',
  'connections.usage': 'DPAV',
  'connections.history': 'DPAV',
  'connections.recent': 'DPAV',
  'connections.deleted': 'DPAV',
  'sources.types': 'DPAV',
  'sources.list': 'DPAV',
  'sources.pace': 'DPAV',
  'credentials.list': 'DPAV',
  'projects.list': 'DPAV',
  'links.list': 'DPAV',
  'kept.list': 'DPAV',
  'datasets.list': 'DPAV',
  'syncs.list': 'DPAV',
  'syncs.get': 'DPAV',
  'syncs.log': 'DPAV',

  // Secrets, the vault, people and the log: DBAs.
  'app.diagnostics': 'D',
  'policy.set': 'D',
  'policy.setRetention': 'D',
  'policy.setProxy': 'D',
  'vault.addSlot': 'D',
  'vault.removeSlot': 'D',
  'vault.rotate': 'D',
  'vault.changeProtector': 'D',
  'vault.wipe': 'D',
  'people.create': 'D',
  'people.update': 'D',
  'people.delete': 'D',
  'audit.list': 'D',
  'audit.verify': 'D',
  'audit.export': 'D',
  'audit.trim': 'D',
  'secrets.reveal': 'D',
  'secrets.copy': 'D',
  'hostKeys.forget': 'D',
  'connections.create': 'D',
  'connections.try': 'D',
  'connections.bulk': 'D',
  'connections.export': 'D',
  'connections.seal': 'D',
  'imports.found': 'D',
  'imports.preview': 'D',
  'imports.apply': 'D',
  'imports.discard': 'D',

  // One connection: DBAs, and whoever was granted to manage it.
  'grants.set': 'D manage',
  'connections.update': 'D manage',
  'connections.duplicate': 'D manage',
  'connections.delete': 'D manage',
  'connections.restore': 'D manage',
  'connections.trustHost': 'D manage',
  'connections.rotate': 'D manage',
  'connections.undoRotation': 'D manage',

  // Work over a connection.
  'connections.test': 'DPA use',
  'connections.structure': 'DPA use',
  'leases.mint': 'DPA use',
  'connections.testAll': 'DPA',
  'leases.list': 'DPA',
  'leases.end': 'DPA',

  // What is read, and where it goes: project admins.
  'sources.create': 'P',
  'sources.update': 'P',
  'sources.delete': 'P',
  'projects.create': 'P',
  'projects.update': 'P',
  'projects.delete': 'P',
  'links.create': 'P',
  'links.update': 'P',
  'links.delete': 'P',
  'kept.wouldBe': 'P',
  'kept.drop': 'P',
  'kept.forget': 'P',

  // Signing in, syncing, reading: whoever works with the data. A DBA's role alone reads no data.
  'sources.discover': 'PA',
  'sources.choices': 'PA',
  'credentials.signIn': 'PA',
  'credentials.signInWith': 'PA',
  'credentials.disconnect': 'PA',
  'datasets.tables': 'PA',
  'datasets.rows': 'PA',
  'datasets.count': 'PA',
  'datasets.distribution': 'PA',
  'datasets.row': 'PA',
  'datasets.titles': 'DPAV',
  'datasets.keep': 'PA',
  'datasets.dictionary': 'PA',
  'datasets.changes': 'PA',
  'datasets.history': 'DPAV',
  'datasets.accept': 'PA',
  'datasets.discard': 'PA',
  'datasets.recount': 'PA',
  'dictionary.describe': 'PA',
  'dictionary.search': 'PA',
  'dictionary.export': 'PA',
  'agents.grant': 'PA',
  'agents.letIn': 'PA',
  'query.open': 'PA',
  'query.scope': 'DPAV',
  'query.setScope': 'D',
  'query.page': 'PA',
  'query.close': 'PA',
  'query.explain': 'PA',
  'query.export': 'PA',
  'query.saveChart': 'PA',
  'query.history': 'PA',
  'query.keep': 'PA',
  'query.forget': 'PA',
  'query.statistics': 'PA',
  'syncs.start': 'PA',
  'syncs.pause': 'PA',
  'syncs.resume': 'PA',
  'syncs.cancel': 'PA',
  'syncs.takeOver': 'PA',
  'projects.searchPath': 'PA',
  'timetable.get': 'DPAV',
  'timetable.hold': 'PA',
  'notices.list': 'DPAV',
  'notices.read': 'DPAV',
  'notices.readAll': 'DPAV',
  'notices.preferences': 'DPAV',
  'notices.setPreferences': 'DPAV',
  'notices.channels': 'D',
  'notices.setWebhook': 'D',
  'notices.setEmail': 'D',
  'notices.test': 'D',

  // Making the sample needs a project admin's rights too, which the service asks for.
  'demo.state': 'DPAV',
  'demo.start': 'D',
  'demo.leave': 'D',
};

const letters: Readonly<Record<string, Role>> = {
  D: 'dba',
  P: 'project_admin',
  A: 'analyst',
  V: 'viewer',
};

export interface Right {
  /** Also who is not signed in. */
  readonly open: boolean;
  readonly roles: readonly Role[];
  readonly grant: 'use' | 'manage' | null;
}

export function rightOf(call: CallName): Right {
  const line = matrix[call];
  if (line === 'anybody') return { open: true, roles: Object.values(letters), grant: null };
  const [who = '', grant = null] = line.split(' ') as [string, ('use' | 'manage')?];
  return { open: false, roles: [...who].map((letter) => letters[letter] as Role), grant };
}
