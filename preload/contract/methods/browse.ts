import { z } from 'zod';
import type { Method } from '../method.ts';
import {
  datasetTitles,
  distribution,
  id,
  landedPage,
  landedRow,
  rowCount,
  rowFilters,
  rowKey,
  rowsAsked,
} from '../models.ts';

const table = z.string().min(1).max(63);

/** Looking at the rows of what is published: read-only, bounded in time, and only what is a dataset's own. */
export const browseMethods = {
  /** A page of a published table. Fails with INPUT_INVALID where a filter does not fit its column. */
  'datasets.rows': {
    permission: 'read_data',
    changes: false,
    usesSecret: true,
    input: rowsAsked,
    output: landedPage,
  },
  /** How many rows fit; an estimate where counting takes longer than five seconds. */
  'datasets.count': {
    permission: 'read_data',
    changes: false,
    usesSecret: true,
    input: z.strictObject({ id, table, filters: rowFilters.default([]) }),
    output: rowCount,
  },
  /** What one column holds: its most frequent values, how much of it is filled, its ends. Takes at most some seconds. */
  'datasets.distribution': {
    permission: 'read_data',
    changes: false,
    usesSecret: true,
    input: z.strictObject({
      id,
      table,
      column: z.string().min(1).max(63),
      filters: rowFilters.default([]),
      limit: z.int().min(1).max(50).default(12),
    }),
    output: distribution,
  },
  /** One row, whole: a page cuts long texts. */
  'datasets.row': {
    permission: 'read_data',
    changes: false,
    usesSecret: true,
    input: z.strictObject({ id, table, key: rowKey }),
    output: landedRow,
  },
  /**
   * What the tables of everything that whoever asks may see are called; asks no database. Also for those who may not read what is
   * in them: they are told how complete each form is.
   */
  'datasets.titles': {
    permission: 'view',
    changes: false,
    input: z.strictObject({ projectId: id.optional() }),
    output: z.array(datasetTitles),
  },
} as const satisfies Record<string, Method>;
