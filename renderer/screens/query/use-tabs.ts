import { useCallback, useState } from 'react';
import {
  addTab,
  changeTab,
  closeTab,
  forgetTabs,
  keepTabs,
  mostTabs,
  moveTabs,
  type QueryTab,
  readTabs,
  type TabChange,
  type Tabs,
} from './tabs.ts';

const newId = (): string => crypto.randomUUID();

export interface OpenTabs {
  readonly tabs: Tabs;
  readonly current: QueryTab;
  /** Whether this computer keeps them. */
  readonly isKept: boolean;
  readonly isFull: boolean;
  show(id: string): void;
  /** The id of the new one, which is shown; null where there are too many. */
  add(sql?: string, name?: string | null): string | null;
  close(id: string): void;
  change(id: string, change: TabChange): void;
}

/**
 * The tabs of a person in a project, written down with every change: a crash takes no text away. Where the policy keeps values
 * out of what is written down, they are the window's own: a reload has them, and the end of the window takes them along.
 */
export function useTabs(personId: string, projectId: string, keepsTexts: boolean): OpenTabs {
  const storage = keepsTexts ? localStorage : sessionStorage;
  const [{ tabs, isKept }, set] = useState(() => {
    // What was written down under another policy goes as soon as this one is known; what is open stays open.
    if (!keepsTexts) {
      moveTabs(localStorage, sessionStorage, personId, projectId);
      forgetTabs(localStorage);
    }
    return { tabs: readTabs(storage, personId, projectId, newId), isKept: true };
  });
  const change = useCallback(
    (by: (was: Tabs) => Tabs) =>
      set((was) => {
        const next = by(was.tabs);
        return next === was.tabs ? was : { tabs: next, isKept: keepTabs(storage, personId, projectId, next) };
      }),
    [storage, personId, projectId],
  );
  const current = tabs.tabs.find(({ id }) => id === tabs.current) ?? (tabs.tabs[0] as QueryTab);
  return {
    ...{ tabs, current, isKept },
    isFull: tabs.tabs.length >= mostTabs,
    show: (id) => change((was) => ({ ...was, current: id })),
    add(sql = '', name = null) {
      if (tabs.tabs.length >= mostTabs) return null;
      const id = newId();
      change((was) => addTab(was, id, sql, name));
      return id;
    },
    close: (id) => change((was) => closeTab(was, id, newId)),
    change: (id, by) => change((was) => changeTab(was, id, by)),
  };
}
