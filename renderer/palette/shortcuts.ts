import type { MenuDeed } from '../../preload/contract/channels.ts';

/** A letter after G, and the screen that it leads to. */
export const goLetters: Readonly<Record<string, string>> = {
  h: '',
  i: 'inbox',
  r: 'runs',
  d: 'data',
  q: 'query',
  l: 'dictionary',
  c: 'connections',
  s: 'sources',
  p: 'projects',
  a: 'activity',
};

/** So long the second key of two may take. */
const togetherMs = 1500;

export type Deed =
  | { readonly kind: 'palette' | 'sheet' | 'search' | 'settings' | 'lock' | 'rail' }
  | { readonly kind: 'screen'; readonly path: string };

const toScreen = 'screen.';

/** What an entry of the application's menu asks for. */
export function deedOf(chosen: MenuDeed): Deed {
  return chosen.startsWith(toScreen)
    ? { kind: 'screen', path: chosen.slice(toScreen.length) }
    : { kind: chosen as Exclude<MenuDeed, `${typeof toScreen}${string}`> };
}

/** What of a key press counts. */
export interface Press {
  readonly key: string;
  readonly ctrl: boolean;
  readonly meta: boolean;
  readonly shift: boolean;
  readonly alt: boolean;
  /** Whether it goes into a field, or to something that has keys of its own. */
  readonly typing: boolean;
  /** Whether something that asks for an answer is open. */
  readonly asking: boolean;
  /** Milliseconds on a clock that only runs forward. */
  readonly at: number;
}

export interface Keys {
  /** What a key press asks for; null where it is not for the console. */
  press(press: Press): Deed | null;
}

/**
 * The shortcuts of the console. Those of a single key can be switched off (WCAG 2.1.4), for people who speak to their
 * computer; those with Ctrl, which is ⌘ on a Mac, can not.
 */
export function createKeys(options: { readonly mac: boolean; readonly singles: () => boolean }): Keys {
  let since: number | null = null;
  return {
    press(press) {
      const { key, ctrl, meta, shift, alt, typing, asking, at } = press;
      const began = since;
      since = null;
      // What is open is answered first; a page that went away under it would take the answer along.
      if (asking || alt) return null;
      const chief = options.mac ? meta && !ctrl : ctrl && !meta;
      if (chief) {
        const name = key.toLowerCase();
        if (name === 'k' && !shift) return { kind: 'palette' };
        if (name === ',' && !shift) return { kind: 'settings' };
        if (name === '\\' && !shift) return { kind: 'rail' };
        if (name === 'l' && shift) return { kind: 'lock' };
        return null;
      }
      if (ctrl || meta || typing || !options.singles()) return null;
      if (began !== null && at - began <= togetherMs) {
        const path = goLetters[key.toLowerCase()];
        if (path !== undefined && Object.hasOwn(goLetters, key.toLowerCase()))
          return { kind: 'screen', path };
      }
      if (key.toLowerCase() === 'g' && !shift) since = at;
      else if (key === '?') return { kind: 'sheet' };
      else if (key === '/') return { kind: 'search' };
      return null;
    },
  };
}
