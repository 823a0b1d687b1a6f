import type { Said } from '../../../../../preload/contract/said.ts';
import { say } from '../../../../../preload/messages/said.ts';
import { AppError } from '../../../../errors.ts';

/** A refresh that can't be published until a person has done something; `advice` says what, with the statements. */
export function held(message: Said, advice: readonly string[] = [], cause?: unknown): AppError {
  const statements = [...new Set(advice)];
  return new AppError('PUBLISH_HELD', message, {
    ...(statements.length === 0
      ? {}
      : { advice: say('sync.whatHelps', { statements: statements.join(' · ') }) }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Fields of the server's error that say which object it is about (docs, "Error and Notice Message Fields"). */
interface ServerError {
  readonly code?: string;
  readonly message: string;
  readonly detail?: string;
  readonly schema?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
  readonly where?: string;
}

/**
 * Refusals of constraints, triggers and rules that people put on a table: classes 22 (data), 23 (integrity), 42 (rules
 * and expressions), 44, P0 (raised by PL/pgSQL), 2F, 38, 39, 0A and 55000 (a publication that can't tell the rows) are about the statement, not about the session.
 */
const refusals = /^(?:22|23|2F|38|39|44|P0|0A|42|55000)/;

/** Does `work` on the rows of a table; what people put on it and refuses them is named. */
export async function refusable<T>(schema: string, table: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explainRefusal(error, schema, table);
  }
}

/** Turns the refusal of something people put on a table into one that names it; any other error is returned as it is. */
function explainRefusal(error: unknown, schema: string, table: string): unknown {
  const said = error as ServerError;
  if (said.code === undefined || error instanceof AppError || !refusals.test(said.code)) return error;
  const { constraint, column } = said;
  const place = { table: `${schema}.${table}`, answer: answerOf(said) };
  const refuses = (): Said => {
    if (constraint && said.table && said.table !== table)
      return say('sync.otherConstraintKeepsRows', {
        ...place,
        constraint,
        other: `${said.schema}.${said.table}`,
      });
    if (constraint) return say('sync.constraintKeepsRows', { ...place, constraint });
    if (column) return say('sync.columnKeepsRows', { ...place, column });
    return say('sync.somethingKeepsRows', { ...place, what: firstLine(said.where) });
  };
  return held(refuses(), ['change or drop it, or let it accept what the source holds now'], error);
}

const answerOf = ({ message, detail }: ServerError): string => (detail ? `${message} (${detail})` : message);
const firstLine = (where: string | undefined): string => where?.split('\n')[0] ?? 'a trigger or rule';
