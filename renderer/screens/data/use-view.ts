import { useCallback, useState } from 'react';
import type { RowOrder } from '../../../preload/contract/models.ts';

/** How a person looks at one table. Filters are not in it: what is looked for may be somebody's name. */
export interface View {
  readonly order: RowOrder | null;
  readonly hidden: readonly string[];
  /** Columns that stay when one scrolls sideways, by their number. */
  readonly frozen: number;
  /** Whether the technical columns are there too. */
  readonly technical: boolean;
}

const usual: View = { order: null, hidden: [], frozen: 0, technical: false };
/** Tables whose view is kept; the oldest gives way. */
const mostKept = 200;
const storageKey = (personId: string): string => `data-views ${personId}`;
const flipKey = 'data-names-first';

function readViews(personId: string): Record<string, Partial<View>> {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(storageKey(personId)) ?? '{}');
    return typeof found === 'object' && found !== null ? (found as Record<string, Partial<View>>) : {};
  } catch {
    return {};
  }
}

/** What was kept, if it is what this version writes. */
function viewOf({ order, hidden, frozen, technical }: Partial<View> = {}): View {
  const isOrder =
    typeof order === 'object' && typeof order?.column === 'string' && /^(up|down)$/.test(order.direction);
  return {
    order: isOrder ? { column: order.column, direction: order.direction } : null,
    hidden: Array.isArray(hidden) ? hidden.filter((each) => typeof each === 'string') : [],
    frozen: typeof frozen === 'number' && frozen >= 0 && frozen < 20 ? Math.floor(frozen) : 0,
    technical: technical === true,
  };
}

/** The view of a table, kept on this computer for this person. */
export function useView(personId: string, table: string): [View, (change: Partial<View>) => void] {
  const [view, set] = useState(() => viewOf(readViews(personId)[table]));
  const change = useCallback(
    (by: Partial<View>) =>
      set((was) => {
        const next = { ...was, ...by };
        const { [table]: _, ...others } = readViews(personId);
        const entries = [...Object.entries(others), [table, next] as const].slice(-mostKept);
        try {
          localStorage.setItem(storageKey(personId), JSON.stringify(Object.fromEntries(entries)));
        } catch {
          // It stays for as long as the table is shown.
        }
        return next;
      }),
    [personId, table],
  );
  return [view ?? usual, change];
}

/** Whether columns are called by their names first; for all tables. */
export function useNamesFirst(): [boolean, (namesFirst: boolean) => void] {
  const [namesFirst, set] = useState(() => localStorage.getItem(flipKey) === 'yes');
  return [
    namesFirst,
    (next) => {
      set(next);
      try {
        localStorage.setItem(flipKey, next ? 'yes' : 'no');
      } catch {
        // It stays for as long as the screen is there.
      }
    },
  ];
}
