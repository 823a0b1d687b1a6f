import type { QueryParameters } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import type { Grammar } from './grammar.ts';
import { withParameters } from './parameters.ts';
import { refused } from './refused.ts';
import { type Reading, readStatement } from './statement.ts';

/** A statement that was read once: what it is, and the values it goes with. What the server knows of it is not looked at yet. */
export interface Prepared {
  readonly reading: Reading;
  readonly values: readonly (string | null)[];
}

/** Reads a statement and puts its values in their places. Fails with QUERY_REFUSED. */
export function prepared(grammar: Grammar, asked: string, parameters: QueryParameters | undefined): Prepared {
  const { sql, values } = withParameters(grammar, asked, parameters);
  const reading = readStatement(grammar, sql);
  if (reading.parameters > values.length) {
    throw refused(
      'parameters',
      say('query.statementAsksParametersGiven', { parameters: reading.parameters, count: values.length }),
    );
  }
  return { reading, values };
}
