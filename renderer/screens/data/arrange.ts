import type { LandedTable } from '../../../preload/contract/models.ts';

export const groups = ['main', 'forms', 'cases'] as const;
export type Group = (typeof groups)[number];

export interface Arranged {
  readonly table: LandedTable;
  /** How many tables it hangs below: a repeat in a repeat hangs below two. */
  readonly depth: number;
  /** The parent's name with its `_`, which a narrow list need not repeat; empty for a table of its own. */
  readonly prefix: string;
}

/** How many repeats a table lies in: each has a column for the position in it. */
function repeats(table: LandedTable): number {
  return table.columns.filter(({ name }) => name === 'position' || name.endsWith('_position')).length;
}

function isChild(table: LandedTable): boolean {
  return table.columns.some(({ name }) => name === 'position');
}

function parentOf(table: LandedTable, tables: readonly LandedTable[]): LandedTable | undefined {
  if (!isChild(table)) return undefined;
  const candidates = tables
    .filter((each) => each !== table && table.name.startsWith(`${each.name}_`))
    .sort((a, b) => b.name.length - a.name.length);
  // Names alone would hang a repeat below its sibling: `members_2` begins like `members`.
  const level = repeats(table) - 1;
  return candidates.find((each) => (isChild(each) ? repeats(each) : 0) === level) ?? candidates[0];
}

function groupOf(name: string): Group {
  return name.startsWith('form_') ? 'forms' : name.startsWith('case_') ? 'cases' : 'main';
}

const first = ['forms', 'cases'];
function byName(a: LandedTable, b: LandedTable): number {
  const rank = ({ name }: LandedTable) => (first.includes(name) ? first.indexOf(name) : first.length);
  return rank(a) - rank(b) || a.name.localeCompare(b.name);
}

/** Main tables, then one per form, then one per case type, each with the tables of its repeats below it. */
export function arrange(tables: readonly LandedTable[]): Map<Group, Arranged[]> {
  const children = new Map<LandedTable | undefined, LandedTable[]>();
  for (const table of [...tables].sort(byName)) {
    const parent = parentOf(table, tables);
    children.set(parent, [...(children.get(parent) ?? []), table]);
  }
  const out = new Map<Group, Arranged[]>(groups.map((group) => [group, []]));
  const add = (table: LandedTable, parent: LandedTable | undefined, depth: number, group: Group): void => {
    out.get(group)?.push({ table, depth, prefix: parent ? `${parent.name}_` : '' });
    for (const child of children.get(table) ?? []) add(child, table, depth + 1, group);
  };
  for (const table of children.get(undefined) ?? []) add(table, undefined, 0, groupOf(table.name));
  return out;
}
