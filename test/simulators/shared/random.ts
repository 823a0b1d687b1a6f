/** Numbers computed from an index, so that any row can be made on its own. */

/** The murmur3 finaliser: a bijection of 32-bit integers. */
export function mix32(value: number): number {
  let x = value | 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  x ^= x >>> 16;
  return x >>> 0;
}

/** The inverse of `mix32`. */
export function unmix32(value: number): number {
  let x = value | 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x7ed1b41d);
  x ^= (x >>> 13) ^ (x >>> 26);
  x = Math.imul(x, 0xa5cb9243);
  x ^= x >>> 16;
  return x >>> 0;
}

/** A 32-bit number for a text. */
export function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix32(h);
}

const HEX = Array.from({ length: 65536 }, (_, i) => i.toString(16).padStart(4, '0'));

function hex8(x: number): string {
  return (HEX[x >>> 16] ?? '') + (HEX[x & 0xffff] ?? '');
}

/** Ids of one kind of row: 36 characters, unique per index, and found back from the text alone. */
export function makeIds(salt: number): { id(index: number): string; indexOf(id: string): number } {
  const id = (index: number): string => {
    const a = mix32(index ^ salt);
    const b = mix32(a + 0x9e3779b9);
    const c = mix32(b ^ salt);
    const d = mix32(c + index);
    return `${hex8(a)}-${HEX[b >>> 16] ?? ''}-4${(HEX[b & 0xffff] ?? '').slice(1)}-a${(HEX[c >>> 16] ?? '').slice(1)}-${HEX[c & 0xffff] ?? ''}${hex8(d)}`;
  };
  const indexOf = (text: string): number => {
    if (!/^[0-9a-f]{8}-/.test(text)) return -1;
    const index = (unmix32(Number.parseInt(text.slice(0, 8), 16)) ^ salt) >>> 0;
    return index < 0x7fffffff && id(index) === text ? index : -1;
  };
  return { id, indexOf };
}

/** 32 hexadecimal digits for a text, as CommCare HQ's document ids look. */
export function hexId(text: string): string {
  const a = hashText(text);
  return hex8(a) + hex8(mix32(a + 1)) + hex8(mix32(a + 2)) + hex8(mix32(a + 3));
}

/** A small generator, restarted for every row. */
export class Dice {
  readonly #seed: number;
  #state = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Starts the sequence of row `index`. */
  at(index: number): void {
    this.#state = mix32(Math.imul(index, 0x9e3779b1) ^ this.#seed);
  }

  /** The next whole number below `n`. */
  below(n: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  }

  /** One of a list. */
  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }

  /** True `n` times out of 100. */
  percent(n: number): boolean {
    return this.below(100) < n;
  }
}
