import type { PlanStep, QueryPlan } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';

type Json = { readonly [key: string]: unknown };

/** What of a step stands in fields of its own, or says nothing to people. */
const apart = new Set([
  ...['Node Type', 'Plans', 'Plan Rows', 'Plan Width', 'Startup Cost', 'Total Cost', 'Actual Rows'],
  ...['Actual Total Time', 'Actual Startup Time', 'Relation Name', 'Schema', 'Alias', 'Index Name'],
  ...['Function Name', 'Parallel Aware', 'Async Capable', 'Parent Relationship', 'CTE Name'],
]);

const numberOr = (value: unknown, other: null): number | null => (typeof value === 'number' ? value : other);

function stepOf(node: Json): PlanStep {
  const on = [node['Relation Name'], node['Index Name'], node['Function Name'], node['CTE Name']].find(
    (name) => typeof name === 'string',
  );
  return {
    what: String(node['Node Type']),
    on: (on as string | undefined) ?? null,
    rows: Number(node['Plan Rows'] ?? 0),
    actualRows: numberOr(node['Actual Rows'], null),
    cost: Number(node['Total Cost'] ?? 0),
    ms: numberOr(node['Actual Total Time'], null),
    details: Object.entries(node)
      .filter(([name, value]) => !apart.has(name) && value !== false && value !== 0)
      .map(([name, value]) => ({ name, text: Array.isArray(value) ? value.join(', ') : String(value) })),
    steps: ((node['Plans'] as Json[] | undefined) ?? []).map(stepOf),
  };
}

/** A plan out of what `EXPLAIN (FORMAT JSON)` prints. */
export function planOf(text: string): QueryPlan {
  try {
    const [whole] = JSON.parse(text) as [Json];
    return { root: stepOf(whole['Plan'] as Json), ms: numberOr(whole['Execution Time'], null), text };
  } catch (cause) {
    throw new AppError('DB_ERROR', say('query.serverPrintedPlanCan'), { cause });
  }
}
