import { say } from '../../../preload/messages/said.ts';
import type { KnownField, PinnedType } from '../connector.ts';
import { AskAgain } from '../http.ts';

/*
 * What an OData service says of its records: CSDL in XML (OData 4.01, part "CSDL XML Representation"). Of it only names and
 * types of properties are needed, so it is read tag by tag; a tag that is not known is passed over.
 */

/** Groups in groups: more is no form that somebody fills in, and may be a type that contains itself. */
const deepest = 40;
/** Properties that are looked at: a form with more has its other columns once a record has a value for them. */
const mostProperties = 20_000;

const edmTypes: Readonly<Record<string, PinnedType>> = {
  Boolean: 'boolean',
  Byte: 'bigint',
  Int16: 'bigint',
  Int32: 'bigint',
  Int64: 'bigint',
  Decimal: 'numeric',
  Double: 'numeric',
  Single: 'numeric',
  Date: 'date',
  DateTimeOffset: 'timestamptz',
};

/** The type of a column for one of `Edm`. Points and lines are GeoJSON, which stays whole; what is not known is text. */
function columnType(edm: string): PinnedType {
  if (/^Geo(?:graphy|metry)/.test(edm)) return 'json';
  return Object.hasOwn(edmTypes, edm) ? (edmTypes[edm] as PinnedType) : 'text';
}

interface Property {
  readonly name: string;
  /** As it is written: `Edm.String`, `a.b.group`, `Collection(a.b.Submissions.repeat)`. */
  readonly type: string;
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const unescaped = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w{1,6}));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[name as string] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });

function attributesOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name, double, single] of text.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g))
    found[name as string] = unescaped(double ?? single ?? '');
  return found;
}

/** The properties of every structured type, by its full name. Throws a SyntaxError for what is no whole metadata. */
function typesIn(xml: string): Map<string, Property[]> {
  const types = new Map<string, Property[]>();
  let namespace = '';
  let current: Property[] | null = null;
  const withoutComments = xml.replace(/<!--[\s\S]*?-->/g, '');
  // What is cut off at its end is not to be taken for a form with fewer questions.
  if (!/<\/(?:\w+:)?Edmx\s*>\s*$/.test(withoutComments)) throw new SyntaxError('not whole metadata');
  for (const [, closing, name, attributes] of withoutComments.matchAll(
    /<(\/?)(?:[\w.-]+:)?([\w.-]+)((?:[^<>"']|"[^"]*"|'[^']*')*)>/g,
  )) {
    if (closing === '/') {
      if (name === 'EntityType' || name === 'ComplexType') current = null;
      continue;
    }
    const { Namespace, Name, Type } = attributesOf(attributes as string);
    if (name === 'Schema') namespace = Namespace ?? '';
    else if ((name === 'EntityType' || name === 'ComplexType') && Name !== undefined) {
      const properties: Property[] = [];
      types.set(`${namespace}.${Name}`, properties);
      current = (attributes as string).trimEnd().endsWith('/') ? null : properties;
    } else if ((name === 'Property' || name === 'NavigationProperty') && Name !== undefined)
      current?.push({ name: Name, type: Type ?? 'Edm.String' });
  }
  return types;
}

/** The parent's key, which stands in the tables of repeats and not in the repeats of a record. */
const isParentKey = (name: string): boolean => name.startsWith('__') && name.endsWith('-id');

/**
 * The fields of a form's records, groups and repeats included, in the order in which the metadata has them. Throws AskAgain
 * where there is no type `Submissions` in it.
 */
export function fieldsIn(xml: string, form: string): KnownField[] {
  const types = typesIn(xml);
  const root = [...types].find(([name]) => name.endsWith('.Submissions'));
  if (root === undefined) throw new AskAgain(say('odk.noMetadata', { form }));
  const fields: KnownField[] = [];
  let looked = 0;
  const walk = (properties: readonly Property[], above: readonly string[]): void => {
    if (above.length >= deepest) return;
    for (const { name, type } of properties) {
      looked += 1;
      if (looked > mostProperties) return;
      if (isParentKey(name)) continue;
      const path = [...above, name];
      const [, item] = /^Collection\((.*)\)$/.exec(type) ?? [];
      const below = types.get(item ?? type);
      if (type.startsWith('Edm.')) fields.push({ path, type: columnType(type.slice(4)) });
      else if (item !== undefined && below !== undefined) {
        fields.push({ path, type: 'repeat' });
        walk(below, path);
      } else if (item !== undefined) fields.push({ path, type: 'json' });
      else if (below !== undefined) walk(below, path);
      // An enumeration, whose values are texts.
      else fields.push({ path, type: 'text' });
    }
  };
  walk(root[1], []);
  return fields;
}
