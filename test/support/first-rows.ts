import type { PageAsked } from '../../main/engines/engine.ts';

/** The first rows of a table in its usual order, of all columns. */
export const firstRows = (schema: string, table: string, limit: number): PageAsked => ({
  ...{ schema, table, limit, order: null, filters: [], from: null, columns: null },
});
