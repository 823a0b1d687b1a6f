import { useEffect, useRef } from 'react';
import { createKeys, type Deed } from './shortcuts.ts';

const kept = 'headgate.single-keys';

/** Whether shortcuts of a single key count on this computer. */
export const singleKeys = {
  on: (): boolean => localStorage.getItem(kept) !== 'off',
  set: (on: boolean): void => localStorage.setItem(kept, on ? 'on' : 'off'),
};

export const isMac = (): boolean => navigator.platform.startsWith('Mac');

/** Fields, and what has keys of its own. */
const typesInto =
  'input, textarea, select, [contenteditable="true"], [role="grid"], [role="menu"], [role="listbox"]';

const told = 'headgate-deed';

/** Does what a shortcut does, from a menu. */
export function tellDeed(deed: Deed): void {
  window.dispatchEvent(new CustomEvent(told, { detail: deed }));
}

/** Hears the shortcuts of the console, and the menus that do the same. */
export function useShortcuts(onDeed: (deed: Deed) => void): void {
  const latest = useRef(onDeed);
  latest.current = onDeed;
  useEffect(() => {
    const keys = createKeys({ mac: isMac(), singles: singleKeys.on });
    const hear = (event: KeyboardEvent): void => {
      if (event.repeat || event.isComposing) return;
      const { target } = event;
      const deed = keys.press({
        key: event.key,
        ctrl: event.ctrlKey,
        meta: event.metaKey,
        shift: event.shiftKey,
        alt: event.altKey,
        typing: target instanceof Element && target.closest(typesInto) !== null,
        asking: document.querySelector('.backdrop') !== null,
        at: event.timeStamp,
      });
      if (!deed) return;
      event.preventDefault();
      event.stopPropagation();
      latest.current(deed);
    };
    // Before the editor, which has keys of its own for the same.
    window.addEventListener('keydown', hear, { capture: true });
    const obey = (event: Event): void => {
      if (event instanceof CustomEvent) latest.current(event.detail as Deed);
    };
    window.addEventListener(told, obey);
    return () => {
      window.removeEventListener('keydown', hear, { capture: true });
      window.removeEventListener(told, obey);
    };
  }, []);
}
