import type { Column } from './column.ts';
import { type InstantFormat, typeOf } from './kinds.ts';
import type { Node, Table } from './node.ts';

/** What is to be saved of a layout. */
export interface SavedChange {
  /** JSON. */
  readonly text: string;
  /** Whether it is all there is, so that what was saved before is not needed any more. */
  readonly whole: boolean;
}

/**
 * A change of a layout as plain data. Lists of numbers are flat, because there can be hundreds of thousands: the counts
 * of a column say its place in the table and the bit of the kind in one number, and how many values were added.
 */
interface Change {
  /** Ids and labels of new parts. */
  readonly parts?: readonly (readonly [id: string, label: string])[];
  /** New labels of known parts. */
  readonly labels?: readonly (readonly [part: number, label: string])[];
  /** New paths: the path above, or -1 - part for a part's root, and the last segment. */
  readonly paths?: readonly (number | string)[];
  /** Paths of new tables. */
  readonly tables?: readonly number[];
  readonly touched?: readonly Touched[];
}

interface Touched {
  readonly at: number;
  readonly seen: number;
  readonly repeats: readonly number[];
  readonly overflows: boolean;
  /** Paths that were added to `inlined`. */
  readonly inlined: readonly number[];
  /** New columns: path and mask. */
  readonly columns: readonly number[];
  /** Place × 16 + bit of the kind, and how many values more. */
  readonly counts: readonly number[];
  /** Place and format; -1 stands for null. */
  readonly formats: readonly number[];
}

/** How much of a table is saved. */
interface Mark {
  readonly seen: number;
  readonly columns: number;
  readonly inlined: number;
  readonly repeats: readonly number[];
  readonly overflows: boolean;
}

const unsaved: Mark = { seen: -1, columns: 0, inlined: 0, repeats: [], overflows: false };

const kindsPerColumn = 16;
/** Changes are gathered up to twice the size of the whole and this much; then the whole takes their place. */
const gathered = 256 * 1024;

/** What is known of a layout, and how it is made. */
interface Subject {
  readonly parts: readonly { readonly id: string; readonly label: string }[];
  readonly paths: readonly Node[];
  readonly tables: readonly Table[];
  addColumn(table: Table, node: Node): Column | null;
}

interface Making {
  addPart(id: string, label: string): void;
  partOfNode(node: Node): number;
  makeRoot(part: number): Node;
  makeNode(parent: Node, name: string): Node;
  makeTable(root: Node): Table;
}

/**
 * Saves a layout by difference: a commit writes what it saw first and what it counted, not everything that is known.
 * The changes in their order are the layout again.
 */
export function createSaving(layout: Subject, make: Making) {
  const { parts, paths, tables } = layout;
  let marks: Mark[] = [];
  let labels: string[] = [];
  let savedPaths = 0;
  let wholeSize = 0;
  let gatheredSize = 0;

  const touched = (table: Table, all: boolean): Touched | null => {
    const mark = marks[table.index] ?? unsaved;
    const { seen, repeats, overflows, inlined } = table;
    // Nothing of a table changes without a row of it, but for the repeats around it.
    const same =
      mark.seen === seen &&
      mark.columns === table.columns.length &&
      mark.repeats === repeats &&
      mark.overflows === overflows;
    if (same) return null;
    const columns: number[] = [];
    const counts: number[] = [];
    const formats: number[] = [];
    for (const [at, column] of table.columns.entries()) {
      if (at >= mark.columns) columns.push(column.path, column.mask);
      if (column.hasNewFormat(all)) formats.push(at, column.format ?? -1);
      column.takeCounts(all, (bit, count) => counts.push(at * kindsPerColumn + bit, count));
    }
    const added = [...inlined].slice(mark.inlined);
    marks[table.index] = { seen, columns: table.columns.length, inlined: inlined.size, repeats, overflows };
    return { at: table.index, seen, repeats, overflows, inlined: added, columns, counts, formats };
  };

  const take = (all: boolean): Change | null => {
    if (all) {
      marks = [];
      labels = [];
      savedPaths = 0;
    }
    const knownTables = marks.length;
    const knownParts = labels.length;
    const change: Change = {
      parts: parts.slice(knownParts).map(({ id, label }) => [id, label] as const),
      labels: parts
        .slice(0, knownParts)
        .flatMap(({ label }, at) => (label === labels[at] ? [] : [[at, label] as const])),
      paths: paths
        .slice(savedPaths)
        .flatMap((node) => [node.parent?.path ?? -1 - make.partOfNode(node), node.name]),
      tables: tables.slice(knownTables).map(({ root }) => root.path),
      touched: tables.flatMap((table) => touched(table, all) ?? []),
    };
    labels = parts.map(({ label }) => label);
    savedPaths = paths.length;
    const lists = Object.entries(change).filter(([, list]) => (list as readonly unknown[]).length > 0);
    return lists.length === 0 ? null : (Object.fromEntries(lists) as Change);
  };

  const apply = ({
    parts: added,
    labels: renamed,
    paths: more,
    tables: made,
    touched: list,
  }: Change): void => {
    for (const [id, label] of added ?? []) make.addPart(id, label);
    for (const [at, label] of renamed ?? []) (parts[at] as { label: string }).label = label;
    for (let at = 0; at < (more?.length ?? 0); at += 2) {
      const above = more?.[at] as number;
      if (above < 0) make.makeRoot(-1 - above);
      else make.makeNode(paths[above] as Node, more?.[at + 1] as string);
    }
    for (const path of made ?? []) make.makeTable(paths[path] as Node);
    for (const change of list ?? []) {
      const table = tables[change.at] as Table;
      table.seen = change.seen;
      table.created = true;
      table.repeats = change.repeats;
      table.appliedRepeats = change.repeats;
      table.overflows = change.overflows;
      for (const path of change.inlined) table.inlined.add(path);
      const { columns, counts, formats } = change;
      for (let at = 0; at < columns.length; at += 2) {
        const column = layout.addColumn(table, paths[columns[at] as number] as Node);
        if (column) column.mask = columns[at + 1] as number;
      }
      for (let at = 0; at < counts.length; at += 2) {
        const code = counts[at] as number;
        const bit = code % kindsPerColumn;
        const column = table.columns[(code - bit) / kindsPerColumn];
        if (!column) continue;
        column.mask |= 1 << bit;
        column.add(bit, counts[at + 1] as number);
      }
      for (let at = 0; at < formats.length; at += 2) {
        const format = formats[at + 1] as number;
        const column = table.columns[formats[at] as number];
        if (column) column.format = (format < 0 ? null : format) as InstantFormat;
      }
    }
  };

  return {
    changes(all = false): SavedChange | null {
      const whole = all || wholeSize + gatheredSize === 0 || gatheredSize > 2 * wholeSize + gathered;
      const change = take(whole);
      if (change === null) return null;
      const text = JSON.stringify(change);
      if (whole) {
        wholeSize = text.length;
        gatheredSize = 0;
      } else gatheredSize += text.length;
      return { text, whole };
    },
    load(saved: readonly string[]): void {
      for (const text of saved) {
        apply(JSON.parse(text) as Change);
        gatheredSize += text.length;
      }
      for (const table of tables) for (const column of table.columns) column.applied = typeOf(column.mask);
      // All of this is saved: what is taken now is not needed again.
      take(false);
    },
  };
}
