import { type Dialect, insistReading as passes } from '../reading-gate.ts';

/** The SQL of Databricks (its reference, "Comments", "STRING type"). */
const dialect: Dialect = {
  lineComments: ['--'],
  nestedComments: true,
  backslashIn: ["'", '"'],
  rawTexts: true,
  dollarTexts: false,
  never: [],
  beyond: /^(?:http_request|remote_query|ai_[a-z_]+)$/,
};

/** Fails with QUERY_REFUSED unless it is one statement that reads; answers it as it is sent. */
export const insistReading = (sql: string): string => passes(sql, dialect);
