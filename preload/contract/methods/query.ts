import { z } from 'zod';
import { byId, done, type Method } from '../method.ts';
import {
  id,
  keptQueryInput,
  mostPageRows,
  pastQuery,
  queryAnswer,
  queryExport,
  queryExportInput,
  queryHistory,
  queryHistoryInput,
  queryInput,
  queryPage,
  queryPlan,
  queryScope,
  queryStatistics,
  queryStatisticsInput,
  savedChart,
  savedChartInput,
} from '../models.ts';

/** Reading SQL over what a project has: one statement, checked in layers, run in a transaction that can't write. */
export const queryMethods = {
  /**
   * Runs a statement to its first page. What is behind it stays open at the server, for whoever asked and nobody else, until
   * its last page, `query.close`, five idle minutes or the end of the seat. Fails with QUERY_REFUSED (the check that refused
   * it, and where), QUERY_FAILED, QUERY_TIMEOUT, QUERY_LIMIT.
   */
  'query.open': {
    permission: 'query_data',
    changes: false,
    usesSecret: true,
    input: queryInput,
    output: queryAnswer,
  },
  'query.scope': {
    permission: 'view',
    changes: false,
    input: z.strictObject({ projectId: id }),
    output: queryScope,
  },
  /**
   * Says what queries of a project may read and call besides its own tables, in place of what was said before. Functions are
   * allowed as they are now: one that is changed is refused until this is said again. What the database's own rights keep from
   * a person stays kept. Fails with INPUT_INVALID for what is not there or never allowed.
   */
  'query.setScope': {
    permission: 'manage_database_connections',
    changes: true,
    usesSecret: true,
    input: z.strictObject({ projectId: id, ...queryScope.shape }),
    output: queryScope,
  },
  /** The next rows. Fails with QUERY_GONE where it is closed. To cancel it ends the query. */
  'query.page': {
    permission: 'query_data',
    changes: false,
    input: z.strictObject({ handle: id, pageRows: z.int().min(1).max(mostPageRows).default(500) }),
    output: queryPage,
  },
  /** Ends it at the server too; one that is closed already is passed over. */
  'query.close': {
    permission: 'query_data',
    changes: false,
    input: z.strictObject({ handle: id }),
    output: done,
  },
  /** How the server would run it; with `measure` it is run to its end, and its rows are thrown away. */
  'query.explain': {
    permission: 'query_data',
    changes: false,
    usesSecret: true,
    input: queryInput
      .omit({ limit: true, pageRows: true, connectionId: true })
      .extend({ projectId: id, measure: z.boolean().default(false) }),
    output: queryPlan,
  },
  /** Every row into a file that the person chooses; a file that is not whole never stands under its name. */
  'query.export': {
    permission: 'query_data',
    changes: false,
    usesSecret: true,
    input: queryExportInput,
    output: queryExport,
  },
  /** A picture that the window drew of rows it has, into a file that the person chooses. Fails with INPUT_INVALID where it is none. */
  'query.saveChart': {
    permission: 'query_data',
    changes: true,
    input: savedChartInput,
    output: savedChart,
  },
  'query.history': {
    permission: 'query_data',
    changes: false,
    input: queryHistoryInput,
    output: queryHistory,
  },
  /** Names, pins or shares one of one's own. */
  'query.keep': { permission: 'query_data', changes: true, input: keptQueryInput, output: pastQuery },
  /** Takes one of one's own out of the history. */
  'query.forget': { permission: 'query_data', changes: true, input: byId, output: done },
  'query.statistics': {
    permission: 'query_data',
    changes: false,
    input: queryStatisticsInput,
    output: queryStatistics,
  },
} as const satisfies Record<string, Method>;
