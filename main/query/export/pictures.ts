import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Parts that a drawn picture has; text, profiles and what programs put beside them are none. */
const chunkKinds = new Set([
  'IHDR',
  'IDAT',
  'IEND',
  'PLTE',
  'tRNS',
  'sRGB',
  'gAMA',
  'cHRM',
  'pHYs',
  'sBIT',
  'bKGD',
]);
/** Characters of one piece of base64; a multiple of four, so that each stands for whole bytes. */
const pieceLength = 65_536;

/** Elements of a drawing. What shows other documents, runs or leads elsewhere is none of them. */
const svgElements = new Set([
  ...[
    'svg',
    'g',
    'defs',
    'path',
    'rect',
    'circle',
    'ellipse',
    'line',
    'polyline',
    'polygon',
    'text',
    'tspan',
  ],
  ...['clipPath', 'pattern', 'linearGradient', 'radialGradient', 'stop'],
]);

/** A tag by its whole shape; what has another is none. */
const tags = /<(\/?)([A-Za-z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*\/?>/g;

const notOne = (format: string): AppError =>
  new AppError('INPUT_INVALID', say('query.noPicture', { format: format.toUpperCase() }));

/** Whether bytes are a PNG from first to last, with nothing in it or behind it but the picture. */
function isPng(bytes: Buffer): boolean {
  if (!bytes.subarray(0, 8).equals(signature)) return false;
  let at = 8;
  let first = true;
  while (at + 12 <= bytes.length) {
    const kind = bytes.toString('latin1', at + 4, at + 8);
    if (!chunkKinds.has(kind) || first !== (kind === 'IHDR')) return false;
    first = false;
    at += 12 + bytes.readUInt32BE(at);
    if (kind === 'IEND') return at === bytes.length;
  }
  return false;
}

/** Whether a text is a drawing that opens nothing, loads nothing and runs nothing wherever it is looked at. */
function isSvg(text: string): boolean {
  if (!text.startsWith('<svg ') || !text.trimEnd().endsWith('</svg>')) return false;
  for (const [, close, name = '', attributes = ''] of text.matchAll(tags)) {
    if (!svgElements.has(name) || (close !== '' && attributes !== '')) return false;
    for (const [, key = '', value = ''] of attributes.matchAll(/\s([\w:-]+)="([^"]*)"/g)) {
      if (/^(on|href$|xlink:href$)/i.test(key)) return false;
      if (/^xmlns(:|$)/.test(key) && !value.startsWith('http://www.w3.org/')) return false;
      // What a colour or a style points to is in the drawing itself.
      if (/(url\s*\((?!\s*#[\w-]+\s*\)))|@import|expression|javascript:|\\/i.test(value)) return false;
    }
  }
  // Between the tags there is text, which begins no other one.
  return !text.replace(tags, '').includes('<');
}

/** Insists that a page hands over a picture and no other file under its name. Fails with INPUT_INVALID. */
export function insistPicture(format: 'png' | 'svg', content: string): void {
  const isOne =
    format === 'png'
      ? /^[A-Za-z0-9+/]+={0,2}$/.test(content) &&
        content.length % 4 === 0 &&
        isPng(Buffer.from(content, 'base64'))
      : isSvg(content);
  if (!isOne) throw notOne(format);
}

/** The bytes of a picture in pieces, of which none is long. */
export async function* picturePieces(base64: string): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < base64.length; at += pieceLength)
    yield Buffer.from(base64.slice(at, at + pieceLength), 'base64');
}
