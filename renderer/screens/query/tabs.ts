import { longestStatement } from '../../../preload/contract/query-words.ts';
import type { ParameterValues } from './editor/parameters.ts';

export interface QueryTab {
  readonly id: string;
  /** Null: it is called by its number. */
  readonly name: string | null;
  readonly number: number;
  readonly sql: string;
  /** What was given for the places of its statements, by their names; null is NULL. */
  readonly values?: ParameterValues;
}

export type TabChange = Partial<Pick<QueryTab, 'name' | 'sql' | 'values'>>;

export interface Tabs {
  readonly tabs: readonly QueryTab[];
  /** The one that is shown. */
  readonly current: string;
}

/** What was kept, if it is what this version writes: the storage may hold what another one left there. */
function isTab(value: unknown): value is QueryTab {
  if (typeof value !== 'object' || value === null) return false;
  const { id, name, number, sql, values = {} } = value as Partial<Record<keyof QueryTab, unknown>>;
  return (
    typeof id === 'string' &&
    (name === null || typeof name === 'string') &&
    typeof number === 'number' &&
    typeof sql === 'string' &&
    sql.length <= longestStatement &&
    typeof values === 'object' &&
    values !== null &&
    Object.values(values).every((each) => each === null || typeof each === 'string')
  );
}

/** Tabs of one project at most; more are no help to find one again. */
export const mostTabs = 50;

const keyOf = (personId: string, projectId: string): string => `query-tabs ${personId} ${projectId}`;

export function freshTabs(newId: () => string): Tabs {
  const id = newId();
  return { tabs: [{ id, name: null, number: 1, sql: '' }], current: id };
}

/** What a person had open in a project, also after a crash; on this computer alone. */
export function readTabs(storage: Storage, personId: string, projectId: string, newId: () => string): Tabs {
  try {
    const found = JSON.parse(storage.getItem(keyOf(personId, projectId)) ?? '') as Partial<Tabs>;
    const tabs = (found.tabs ?? []).filter(isTab).slice(0, mostTabs);
    const shown = tabs.find(({ id }) => id === found.current) ?? tabs[0];
    return shown ? { tabs, current: shown.id } : freshTabs(newId);
  } catch {
    return freshTabs(newId);
  }
}

/** Answers whether it could be kept: a full disk or a closed storage takes nothing away from the screen. */
export function keepTabs(storage: Storage, personId: string, projectId: string, tabs: Tabs): boolean {
  try {
    storage.setItem(keyOf(personId, projectId), JSON.stringify(tabs));
    return true;
  } catch {
    return false;
  }
}

/** Hands the tabs over to a storage that has none of them yet. */
export function moveTabs(from: Storage, to: Storage, personId: string, projectId: string): void {
  const key = keyOf(personId, projectId);
  const kept = from.getItem(key);
  if (kept === null || to.getItem(key) !== null) return;
  try {
    to.setItem(key, kept);
  } catch {
    // A full storage: the policy goes before the text.
  }
}

/** Takes away the texts of everybody and every project that are kept on this computer. */
export function forgetTabs(storage: Storage): void {
  const keys = Array.from({ length: storage.length }, (_, at) => storage.key(at));
  for (const key of keys) if (key?.startsWith('query-tabs ')) storage.removeItem(key);
}

export function addTab(tabs: Tabs, id: string, sql = '', name: string | null = null): Tabs {
  if (tabs.tabs.length >= mostTabs) return tabs;
  const taken = new Set(tabs.tabs.map((each) => each.number));
  let number = 1;
  while (taken.has(number)) number++;
  return { tabs: [...tabs.tabs, { id, name, number, sql }], current: id };
}

/** Without it; the neighbour is shown then, and the last one is emptied in its place. */
export function closeTab(tabs: Tabs, id: string, newId: () => string): Tabs {
  const at = tabs.tabs.findIndex((each) => each.id === id);
  const left = tabs.tabs.filter((each) => each.id !== id);
  const [first] = left;
  if (!first) return freshTabs(newId);
  return {
    tabs: left,
    current: tabs.current === id ? (left[Math.min(at, left.length - 1)] ?? first).id : tabs.current,
  };
}

export function changeTab(tabs: Tabs, id: string, change: TabChange): Tabs {
  return { ...tabs, tabs: tabs.tabs.map((each) => (each.id === id ? { ...each, ...change } : each)) };
}
