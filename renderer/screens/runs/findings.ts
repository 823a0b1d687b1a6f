import type { HeldReason, Recount, RunDetail } from '../../../preload/contract/models.ts';

/** A table of a held refresh, with everything that is wrong with it. */
export interface TableFinding {
  readonly name: string;
  readonly before: number | null;
  readonly after: number | null;
  readonly reasons: readonly HeldReason[];
  readonly columnsGone: readonly string[];
}

const weightOf = ({ reasons }: TableFinding): number =>
  reasons.reduce((sum, { code }) => sum + (code === 'column_gone' ? 1 : 1000), 0);

/** The tables of a held refresh, those first with which most is wrong. */
export function findingsOf(reasons: readonly HeldReason[], tables: RunDetail['tables']): TableFinding[] {
  const byTable = Map.groupBy(reasons, ({ table }) => table);
  const known = new Map(tables.map((table) => [table.name, table]));
  const names = [...new Set([...byTable.keys(), ...known.keys()])];
  return names
    .map((name): TableFinding => {
      const own = byTable.get(name) ?? [];
      const counted = own.find(({ code }) => code !== 'column_gone' && code !== 'count_mismatch');
      const table = known.get(name);
      return {
        name,
        before: table?.before ?? counted?.before ?? null,
        after: table ? table.after : (counted?.after ?? null),
        reasons: own,
        columnsGone: own.flatMap(({ code, column }) => (code === 'column_gone' && column ? [column] : [])),
      };
    })
    .sort((a, b) => weightOf(b) - weightOf(a) || lossOf(b) - lossOf(a) || a.name.localeCompare(b.name));
}

const lossOf = ({ before, after }: Pick<TableFinding, 'before' | 'after'>): number =>
  (before ?? 0) - (after ?? 0);

/** What the facts look like, and what is best done about it. */
export type Advice =
  | { readonly kind: 'countsAsHeld' | 'countsAsPublished' }
  | { readonly kind: 'allAtOnce'; readonly lost: number; readonly of: number }
  | { readonly kind: 'cutShort' | 'formChanged' | 'lessSeen' }
  | { readonly kind: 'oneTable'; readonly table: string }
  | { readonly kind: 'unclear' };

/** So near two counts are the same: an index runs behind by minutes. */
const near = (a: number, b: number): boolean => Math.abs(a - b) <= Math.max(10, Math.max(a, b) * 0.02);

/** What the source counts now, where that decides it. */
function byCounts(recount: Recount | undefined): Advice | null {
  const lost = (recount?.counts ?? []).flatMap(({ counted, held, published, rough }) =>
    counted !== null && held !== null && published !== null && !rough && !near(held, published)
      ? [{ counted, held, published }]
      : [],
  );
  if (lost.length === 0) return null;
  if (lost.every(({ counted, held }) => near(counted, held))) return { kind: 'countsAsHeld' };
  return lost.every(({ counted, published }) => near(counted, published))
    ? { kind: 'countsAsPublished' }
    : null;
}

/** What a held refresh looks like, from its reasons, and from what the source counts where it was asked. */
export function adviceFor(findings: readonly TableFinding[], recount?: Recount): Advice {
  const counts = byCounts(recount);
  if (counts) return counts;
  const codes = new Set(findings.flatMap(({ reasons }) => reasons.map(({ code }) => code)));
  // Tables that had rows; a table that hangs below another goes with it and is no sign of its own.
  const filled = findings.filter(({ before }) => before !== null && before > 0);
  const emptied = filled.filter(({ after }) => (after ?? 0) === 0);
  if (emptied.length >= 2 || (emptied.length === 1 && filled.length === 1))
    return { kind: 'allAtOnce', lost: emptied.length, of: filled.length };
  const shrunk = findings.filter(({ reasons }) =>
    reasons.some(({ code }) => code === 'shrunk' || code === 'zero_rows' || code === 'table_gone'),
  );
  if (codes.has('count_mismatch')) return { kind: 'cutShort' };
  if (shrunk.length === 0 && codes.has('column_gone')) return { kind: 'formChanged' };
  const [only] = shrunk;
  if (only && shrunk.length === 1) return { kind: 'oneTable', table: only.name };
  return shrunk.length > 1 ? { kind: 'lessSeen' } : { kind: 'unclear' };
}
