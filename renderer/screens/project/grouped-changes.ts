import type { Drift } from '../../../preload/contract/models.ts';

/** Changes of one refresh that are one thing: the same columns that came, went or changed in several tables. */
export interface Together {
  readonly key: string;
  readonly jobId: string;
  readonly at: string;
  readonly kind: Drift['kind'];
  /** One of each, by name. */
  readonly tables: readonly string[];
  /** Empty where whole tables came or went. */
  readonly columns: readonly string[];
  /** Types before and after, where all of them changed alike. */
  readonly retyped: { readonly before: string; readonly after: string } | null;
}

/**
 * Brings together what belongs together: tables that came or went in one refresh, and tables in which the same columns did. A form
 * application that drops a module is one line then, and not one for each column of each of its forms. Newest first, as given.
 */
export function together(changes: readonly Drift[]): Together[] {
  const out: Together[] = [];
  for (const [jobId, ofJob] of Map.groupBy(changes, (change) => change.jobId)) {
    for (const [kind, ofKind] of Map.groupBy(ofJob, (change) => change.kind)) {
      const at = ofKind[0]?.at ?? '';
      const base = { jobId, at, kind };
      if (kind === 'table_added' || kind === 'table_removed') {
        const tables = ofKind.map(({ table }) => table).sort();
        out.push({ ...base, key: `${jobId} ${kind}`, tables, columns: [], retyped: null });
        continue;
      }
      const byTable = Map.groupBy(ofKind, ({ table, before, after }) =>
        JSON.stringify(kind === 'column_retyped' ? [table, before, after] : [table]),
      );
      const alike = Map.groupBy(byTable.values(), (members) =>
        JSON.stringify([
          members.map(({ column }) => column ?? '').sort(),
          ...(kind === 'column_retyped' ? [members[0]?.before, members[0]?.after] : []),
        ]),
      );
      for (const [signature, groups] of alike) {
        const [first] = groups;
        const [one] = first ?? [];
        out.push({
          ...base,
          key: `${jobId} ${kind} ${signature}`,
          tables: groups.map(([member]) => member?.table ?? '').sort(),
          columns: (first ?? []).map(({ column }) => column ?? '').sort(),
          retyped: one?.before != null && one.after != null ? { before: one.before, after: one.after } : null,
        });
      }
    }
  }
  return out;
}
