import type { Json, JsonObject } from './types.ts';

interface Element {
  readonly name: string;
  readonly uri: string;
  readonly attributes: readonly (readonly [string, string])[];
  readonly children: Element[];
  text: string;
}

interface Scope {
  readonly element: Element;
  readonly prefixes: ReadonlyMap<string, string>;
}

const PIECE =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([^\s/>!?]+)((?:\s+[^\s=>]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/y;
const ATTRIBUTE = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      return NAMED[name ?? ''] ?? whole;
    },
  );
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function open(name: string, rawAttributes: string, outer: Scope | undefined): Scope {
  const prefixes = new Map(outer?.prefixes ?? []);
  const attributes: (readonly [string, string])[] = [];
  for (const [, key = '', a, b] of rawAttributes.matchAll(ATTRIBUTE)) {
    const value = unescapeXml(a ?? b ?? '');
    if (key === 'xmlns') prefixes.set('', value);
    else if (key.startsWith('xmlns:')) prefixes.set(key.slice(6), value);
    else attributes.push([local(key), value]);
  }
  const prefix = name.includes(':') ? name.slice(0, name.indexOf(':')) : '';
  const element = { name: local(name), uri: prefixes.get(prefix) ?? '', attributes, children: [], text: '' };
  outer?.element.children.push(element);
  return { element, prefixes };
}

/** Parses an XML document without a document type; throws on what it cannot read. */
function parse(xml: string): Element {
  const stack: Scope[] = [];
  let root: Element | undefined;
  const pattern = new RegExp(PIECE);
  const source = xml.trim();
  while (pattern.lastIndex < source.length) {
    const start = pattern.lastIndex;
    const match = pattern.exec(source);
    if (match === null) throw new SyntaxError(`Cannot read XML at ${start}`);
    const [, cdata, closing, name, attributes = '', selfClosing, text] = match;
    const top = stack.at(-1);
    if (cdata !== undefined || text !== undefined) {
      if (top !== undefined) top.element.text += cdata ?? unescapeXml(text ?? '');
    } else if (closing === '/') {
      if (top === undefined || top.element.name !== local(name ?? ''))
        throw new SyntaxError(`Unexpected </${name}>`);
      stack.pop();
    } else if (name !== undefined) {
      const scope = open(name, attributes, top);
      root ??= scope.element;
      if (selfClosing !== '/') stack.push(scope);
    }
  }
  if (root === undefined || stack.length > 0) throw new SyntaxError('Incomplete XML');
  return root;
}

function convert(element: Element, outerUri: string): Json {
  const out: Record<string, Json> = {};
  for (const [name, value] of element.attributes) out[`@${name}`] = value;
  if (element.uri !== '' && element.uri !== outerUri) out['@xmlns'] = element.uri;
  const seen = new Map<string, Json[]>();
  for (const child of element.children) {
    const list = seen.get(child.name) ?? [];
    list.push(convert(child, element.uri === '' ? outerUri : element.uri));
    seen.set(child.name, list);
  }
  for (const [name, list] of seen) out[name] = list.length === 1 ? (list[0] ?? '') : list;
  if (Object.keys(out).length === 0) return element.text;
  if (element.text.trim() !== '')
    out['#text'] = element.children.length > 0 ? element.text.trim() : element.text;
  return out;
}

/**
 * CommCare HQ's conversion of a submission (§3.1): attributes become `@x`, the root's tag `#type`, text beside
 * them `#text`, an empty element `""`; `@xmlns` stands only where it differs from the parent, and an element
 * seen once is a value while one seen more often is an array. Leaves stay text.
 */
export function xmlToJson(xml: string): JsonObject {
  const root = parse(xml);
  const value = convert(root, '');
  const object =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
  return { '#type': root.name, ...object };
}
