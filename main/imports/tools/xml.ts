import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';

export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

/** No file of settings is nested like this. */
const deepest = 100;
const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** The text that a piece of XML stands for. Undefined where it refers to something that a document would have to define. */
function decoded(text: string): string | undefined {
  let isKnown = true;
  const plain = text.replace(/&([^;\s&]{1,12});|&/g, (_, name: string | undefined) => {
    const code = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name ?? '');
    const point = code ? Number.parseInt(code[1] ?? code[2] ?? '', code[1] === undefined ? 10 : 16) : -1;
    if (point > 0 && point <= 0x10ffff) return String.fromCodePoint(point);
    const entity = Object.hasOwn(entities, name ?? '') ? entities[name ?? ''] : undefined;
    if (entity === undefined) isKnown = false;
    return entity ?? '';
  });
  return isKnown ? plain : undefined;
}

const piece =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<\/([\w:.-]+)\s*>|<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;
const attribute = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

interface Open {
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly children: XmlElement[];
  text: string;
}

/**
 * Reads XML without definitions of its own: what a DOCTYPE could bring (entities, other files) is refused. Answers the elements
 * at the top. Fails with IMPORT_UNREADABLE, which repeats nothing of the text.
 */
export function readXml(text: string): readonly XmlElement[] {
  const top: Open = { name: '', attributes: new Map(), children: [], text: '' };
  const open: Open[] = [top];
  const refuse = (at: number): AppError =>
    new AppError('IMPORT_UNREADABLE', say('imports.notXml', { line: text.slice(0, at).split('\n').length }));
  const pattern = new RegExp(piece.source, 'y');
  let at = 0;
  while (at < text.length) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    const inside = open.at(-1);
    if (!found || !inside) throw refuse(at);
    const [whole, literal, closed, begun, told = '', alone, plain] = found;
    if (literal !== undefined) inside.text += literal;
    else if (plain !== undefined) {
      const meant = decoded(plain);
      if (meant === undefined) throw refuse(at);
      inside.text += meant;
    } else if (closed !== undefined) {
      if (open.length === 1 || inside.name !== closed) throw refuse(at);
      open.pop();
      open.at(-1)?.children.push(inside);
    } else if (begun !== undefined) {
      const attributes = new Map<string, string>();
      for (const [, name = '', double, single = ''] of told.matchAll(attribute)) {
        const value = decoded(double ?? single);
        if (value === undefined || attributes.has(name)) throw refuse(at);
        attributes.set(name, value);
      }
      const element: Open = { name: begun, attributes, children: [], text: '' };
      if (alone === '/') inside.children.push(element);
      else if (open.push(element) > deepest) throw refuse(at);
    }
    at += whole.length;
  }
  if (open.length !== 1) throw refuse(text.length);
  return top.children;
}

/** Every element of a name, also within others. */
export function elementsOf(among: readonly XmlElement[], name: string): XmlElement[] {
  return among.flatMap((each) => (each.name === name ? [each] : elementsOf(each.children, name)));
}
