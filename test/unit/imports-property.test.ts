import { expect, it } from 'vitest';
import type { Found } from '../../main/imports/found.ts';
import { parseImport } from '../../main/imports/parse.ts';
import { type ImportKind, tlsModes } from '../../preload/contract/models.ts';
import {
  canary,
  type Dice,
  dbeaver,
  dice,
  editorSettings,
  type Generated,
  legacy,
  own,
  pgAdmin,
  pgpass,
  serviceFile,
  sshConfig,
  url,
} from '../support/generated-files.ts';
import { seeded } from '../support/random.ts';

/*
 * Of whatever a file holds each key is taken, named as left out, or refused with what it stands in; nothing that it asks of
 * the server is asked for less; no secret is in what is shown. CASES=20000 asks it of as many files of each kind.
 */

const cases = Number(process.env['CASES'] ?? 250);
type Kind = Exclude<ImportKind, 'sealed'>;

/** What a connection has a place for, by what it is then called. */
const places: Readonly<Record<string, (found: Found['connections'][number]) => boolean>> = {
  host: ({ host }) => host !== '',
  server: ({ host }) => host !== '',
  dbname: ({ database }) => database !== '',
  database: ({ database }) => database !== '',
  user: ({ user }) => user !== undefined,
  password: ({ password }) => password?.includes(canary) === true,
  sslmode: ({ tlsMode }) => tlsMode !== undefined,
  sslrootcert: ({ tlsCa }) => tlsCa !== undefined,
  sslcert: ({ tlsCert }) => tlsCert !== undefined,
  hostaddr: ({ hostAddress, host }) => hostAddress !== undefined || /[:\d]$/.test(host),
};
/** What asks for nothing with these values, so that nobody has to hear of it. */
const harmless = new Set(['application_name', 'channel_binding', 'require_auth', 'sslcertmode']);

const shownOf = ({ connections, hosts, problems }: Found): string =>
  JSON.stringify([
    connections.map(({ name, host, database, user, notes }) => [name, host, database, user, notes]),
    hosts.map(({ alias, notes }) => [alias, notes]),
    problems,
  ]);

function insist(kind: Kind, file: Generated): void {
  const { text, credentials, keys, tlsMode, tlsCa, signIn } = file;
  const found = parseImport(kind, text, { pgpass: null, credentials, userName: 'me' });
  const shown = shownOf(found);
  expect(shown, text).not.toContain(canary);
  const [connection] = found.connections;
  if (kind === 'pgpass') {
    // Every line is a connection or a problem.
    expect(found.connections.length + found.problems.length, text).toBe(keys.length);
    return;
  }
  if (!connection && found.hosts.length === 0) {
    expect(found.problems.length, text).toBeGreaterThan(0);
    return;
  }
  const sslcertOff = /sslcertmode\W{1,5}disable/.test(text);
  for (const key of keys) {
    const taken = connection && places[key]?.(connection);
    const isOff = key === 'sslcert' && sslcertOff;
    const told = key === 'sslkey' ? 'key of the client certificate' : key;
    expect(
      taken || isOff || harmless.has(key) || shown.includes(key) || shown.includes(told),
      `${key} of ${text}`,
    ).toBe(true);
  }
  if (!connection) return;
  const strength = (mode: string | undefined): number =>
    mode === undefined ? -1 : (tlsModes as readonly string[]).indexOf(mode);
  // A mode that there is not is refused, so what is taken is one.
  if (tlsMode !== undefined) expect(tlsModes, text).toContain(tlsMode);
  expect(strength(connection.tlsMode), text).toBeGreaterThanOrEqual(strength(tlsMode));
  if (tlsCa !== undefined) expect(connection.tlsCa, text).toBe(tlsCa);
  if (signIn !== undefined) expect(connection.signIn, text).toBe(signIn);
}

it.each<[Kind, (d: Dice) => Generated]>([
  ['pg_service', serviceFile],
  ['url', url],
  ['pgpass', pgpass],
  ['ssh_config', sshConfig],
  ['pgadmin', pgAdmin],
  ['azure_data_studio', editorSettings],
  ['dbeaver', dbeaver],
  ['legacy', legacy],
  ['headgate', own],
])('%s: every key is accounted for, nothing is less strict, no secret is shown', (kind, generate) => {
  const d = dice(seeded(10));
  for (let each = 0; each < cases; each += 1) insist(kind, generate(d));
});
