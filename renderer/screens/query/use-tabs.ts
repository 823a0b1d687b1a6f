import { useCallback, useState } from 'react';
import {
  addTab,
  changeTab,
  closeTab,
  keepTabs,
  mostTabs,
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

/** The tabs of a person in a project, written down with every change: a crash takes no text away. */
export function useTabs(personId: string, projectId: string): OpenTabs {
  const [{ tabs, isKept }, set] = useState(() => ({
    tabs: readTabs(localStorage, personId, projectId, newId),
    isKept: true,
  }));
  const change = useCallback(
    (by: (was: Tabs) => Tabs) =>
      set((was) => {
        const next = by(was.tabs);
        return next === was.tabs
          ? was
          : { tabs: next, isKept: keepTabs(localStorage, personId, projectId, next) };
      }),
    [personId, projectId],
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
