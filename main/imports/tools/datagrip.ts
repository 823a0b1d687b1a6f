import { isJdbc } from '../../../preload/contract/conninfo.ts';
import { tlsModes } from '../../../preload/contract/tls-modes.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Found, FoundConnection } from '../found.ts';
import { textOf, tlsModeOf } from '../found.ts';
import type { Taken } from '../kinds/told.ts';
import { type Entry, foundOf } from '../profiles/entries.ts';
import { connectionOfUrl } from '../url.ts';
import { elementsOf, readXml, type XmlElement } from './xml.ts';

/*
 * Data sources of DataGrip and the other IDEs of JetBrains: dataSources.xml of a project, dataSources.local.xml beside it, which
 * has the users, or what copying a data source puts into the clipboard, which has both. A data source is a URL of JDBC.
 */

/** What says how the IDE shows, reads or describes a data source, and nothing of the way to it. */
const harmless = new Set(
  `database-info case-sensitivity driver-ref synchronize auto-synchronize jdbc-driver jdbc-url secret-storage user-name
  password working-dir schema-mapping configured-by-url remarks imported schema-pattern default-schemas default-dialect
  introspection-level introspection-scope first-sync ssh-properties ssl-config driver-properties
  jdbc-additional-properties time-zone schema-control keep-alive-timeout auto-commit extra-name-characters`
    .trim()
    .split(/\s+/),
);
/** Ways to sign in (`auth-provider`) that ask for what a connection asks for too. */
const plainProviders = ['no-auth', 'user-pass', 'pgpass', 'native'];
/** Schemes of JDBC that can be read. */
const schemes = /^jdbc:(?:postgresql|mysql|mariadb|clickhouse|ch|snowflake|databricks|spark|bigquery):/i;

/** A data source with what each of the files has of it. */
interface Source {
  readonly elements: XmlElement[];
}

const childOf = (element: XmlElement, name: string): XmlElement | undefined =>
  element.children.find((each) => each.name === name);
const told = ({ elements }: Source, name: string): string | undefined =>
  elements.map((each) => textOf(childOf(each, name)?.text.trim())).find((each) => each !== undefined);
const part = ({ elements }: Source, name: string): XmlElement | undefined =>
  elements.map((each) => childOf(each, name)).find((each) => each !== undefined);
const attributeOf = ({ elements }: Source, name: string): string | undefined =>
  elements.map((each) => textOf(each.attributes.get(name))).find((each) => each !== undefined);

/** A path with the IDE's word for the person's own folder in it; undefined where another of its words is. */
const pathOf = (text: string | undefined): string | undefined => {
  const path = text?.trim().replace(/^(?:\$USER_HOME\$|file:\/\/\$USER_HOME\$)/, '~');
  return path === undefined || path === '' || path.includes('$') ? undefined : path;
};

/** A URL with the properties of the driver behind it; null where both say different things of one. */
function urlWith(url: string, properties: readonly (readonly [string, string])[]): string | null {
  const isOfParts = /^jdbc:(?:databricks|spark|bigquery):/i.test(url);
  let whole = url;
  for (const [name, value] of properties) {
    if (new RegExp(`[?&;]${name.replace(/[^\w-]/g, '.')}=`, 'i').test(url)) return null;
    const sign = isOfParts ? ';' : whole.includes('?') ? '&' : '?';
    whole += `${sign}${encodeURIComponent(name)}=${isOfParts ? value : encodeURIComponent(value)}`;
  }
  return whole;
}

/** What the page for TLS asks for on top of the URL: the stricter of the two holds. */
function withTls(
  connection: FoundConnection,
  page: XmlElement | undefined,
  notes: string[],
): FoundConnection {
  const of = (name: string): string | undefined => page && textOf(childOf(page, name)?.text);
  if (of('enabled')?.trim() !== 'true') return connection;
  const asked = tlsModeOf(of('mode'));
  if (asked === undefined)
    notes.push('Its TLS mode was not told; here the certificate of the server is checked.');
  const mode = asked ?? 'verify-full';
  const rank = (of: string | undefined): number => (tlsModes as readonly (string | undefined)[]).indexOf(of);
  const [ca, cert] = [pathOf(of('ca-cert')), pathOf(of('client-cert'))];
  if (of('ca-cert') && !ca) notes.push('Its CA certificate must be chosen by hand.');
  if (of('client-cert') && !cert) notes.push('Its client certificate must be chosen by hand.');
  if (of('client-key')) notes.push('The key of the client certificate must be chosen by hand.');
  for (const { name } of page?.children ?? [])
    if (!['enabled', 'mode', 'ca-cert', 'client-cert', 'client-key'].includes(name))
      notes.push(`Left out: ${name}.`);
  return {
    ...connection,
    tlsMode: rank(connection.tlsMode) > rank(mode) ? connection.tlsMode : mode,
    tlsCa: ca ?? connection.tlsCa,
    tlsCert: cert ?? connection.tlsCert,
  };
}

function takenOf(source: Source, name: string): Taken {
  const url = told(source, 'jdbc-url');
  if (url === undefined) return { problem: 'has no URL; the file dataSources.xml has it' };
  if (!schemes.test(url))
    return { problem: 'is for another kind of database, or has a URL that can not be read' };
  const properties = (part(source, 'driver-properties')?.children ?? []).flatMap(({ attributes }) => {
    const [key, value] = [attributes.get('name'), attributes.get('value')];
    return key && value ? [[key, value] as const] : [];
  });
  // A driver that does not know a property takes no notice of it.
  const isKnown = (name: string): boolean => !/^jdbc:postgresql:/i.test(url) || isJdbc(name);
  const whole = urlWith(
    url,
    properties.filter(([name]) => isKnown(name)),
  );
  if (whole === null)
    return { problem: 'says different things in its URL and in the properties of its driver' };
  const { connection, problem } = connectionOfUrl(whole);
  if (!connection) return { problem };
  const notes = [...connection.notes];
  const provider = told(source, 'auth-provider');
  if (provider !== undefined && !plainProviders.includes(provider))
    notes.push('Left out: auth-provider. Enter what it is signed in with.');
  const ssh = part(source, 'ssh-properties');
  if (ssh && childOf(ssh, 'enabled')?.text.trim() === 'true')
    notes.push('Its SSH tunnel is kept elsewhere and was left out: add its jump host before it is used.');
  const left = source.elements
    .flatMap(({ children }) => children)
    .filter((each) => !harmless.has(each.name) && each.name !== 'auth-provider')
    .map((each) => each.name)
    .concat(properties.map(([name]) => name).filter((name) => !isKnown(name)));
  if (left.length > 0) notes.push(`Left out: ${[...new Set(left)].join(', ')}.`);
  const checked = withTls({ ...connection, notes }, part(source, 'ssl-config'), notes);
  return {
    connection: {
      ...checked,
      name,
      user: told(source, 'user-name') ?? connection.user,
      password: connection.password ?? told(source, 'password'),
      folder: attributeOf(source, 'group'),
      description: told(source, 'remarks'),
      readOnly: attributeOf(source, 'read-only') === 'true' ? true : undefined,
      notes,
    },
  };
}

/** The data sources of a text: of the blocks that the clipboard has, or of a file as a whole. */
function sourcesOf(text: string): XmlElement[] {
  const blocks = [...text.matchAll(/#BEGIN#([\s\S]*?)#END#/g)].map(([, block = '']) => block);
  return (blocks.length > 0 ? blocks : [text]).flatMap((each) => elementsOf(readXml(each), 'data-source'));
}

/** `local`: dataSources.local.xml in base64. Fails with IMPORT_UNREADABLE. */
export function parseDataGrip(text: string, local: string | undefined): Found {
  const beside =
    local === undefined
      ? ''
      : Buffer.from(local, 'base64')
          .toString('utf8')
          .replace(/^\ufeff/, '');
  const sources = new Map<string, Source>();
  for (const [index, element] of [
    ...sourcesOf(text),
    ...(beside === '' ? [] : sourcesOf(beside)),
  ].entries()) {
    const id = element.attributes.get('uuid') ?? `${index}`;
    const known = sources.get(id);
    if (known) known.elements.push(element);
    else sources.set(id, { elements: [element] });
  }
  if (sources.size === 0) throw new AppError('IMPORT_UNREADABLE', say('imports.noDataGrip'));
  return foundOf(
    [...sources.values()].map((source, index): Entry => {
      const where = attributeOf(source, 'name') ?? `data source ${index + 1}`;
      return { where, taken: takenOf(source, where) };
    }),
  );
}
