import { type Dialect, insistReading as passes } from '../reading-gate.ts';

/** The SQL of Snowflake (its reference, "String & binary data types", "WITH", "Flow operators"). */
const dialect: Dialect = {
  lineComments: ['--', '//'],
  nestedComments: false,
  backslashIn: ["'"],
  rawTexts: false,
  dollarTexts: true,
  // `WITH p AS PROCEDURE … CALL p()` is a statement there.
  never: ['procedure', 'call'],
  // Functions of the system end sessions and queries, and change settings.
  beyond: /^system\$/,
};

/** Fails with QUERY_REFUSED unless it is one statement that reads; answers it as it is sent. */
export const insistReading = (sql: string): string => passes(sql, dialect);
