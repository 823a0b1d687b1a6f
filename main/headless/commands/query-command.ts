import { CallError } from '../../../preload/contract/client.ts';
import {
  exportFormats,
  mostQueryRows,
  type QueryAnswer,
  type QueryPage,
  type TextFormat,
  textFormats,
} from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { formatterOf } from '../../query/export/formats.ts';
import type { Words } from '../../words.ts';
import { table } from '../terminal/terminal.ts';
import { type Console, type Exit, exits, findNamed, print, type Session, tell } from './commands.ts';
import { parametersOf, pointed, type QueryOptions, statementOf, timeoutOf } from './query-asked.ts';
import { exportRows } from './query-export.ts';

/** Rows that a person reads in a terminal. */
const shownRows = 200;
const pageRows = 2000;
const widest = 60;

/**
 * `query <project> [<sql>]`: one reading statement, as a table that people read, or row by row in a format that programs do.
 * Without a statement, or with `-`, it is read from the input.
 */
export async function queryCommand(
  session: Session,
  wanted: string,
  argument: string | undefined,
  options: QueryOptions,
  to: Console,
): Promise<Exit> {
  const { api } = session;
  if (options.out !== undefined) return exportRows(session, wanted, argument, options, to);
  const format = options.format ?? (to.json ? 'json' : 'table');
  if (format === 'xlsx') {
    tell(to, say('console.query.workbook'));
    return exits.usage;
  }
  if (format !== 'table' && !(textFormats as readonly string[]).includes(format)) {
    tell(to, say('console.noFormat', { format, formats: ['table', ...exportFormats] }));
    return exits.usage;
  }
  const limit =
    options.limit === undefined ? (format === 'table' ? shownRows : mostQueryRows) : Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > mostQueryRows) {
    tell(to, say('console.query.limit', { most: mostQueryRows }));
    return exits.usage;
  }
  const project = findNamed('Project', await api.projects.list(), wanted, to);
  if (!project) return exits.usage;
  const sql = await statementOf(argument, options);
  const parameters = parametersOf(options.param);
  const asked = {
    ...{ projectId: project.id, sql, ...timeoutOf(options.timeout) },
    ...(parameters && { parameters }),
  };
  const { signal } = to;
  if (options.plan) {
    const plan = await api.query.explain(asked, { signal });
    print(to, plan, () => planText(plan.root, to.words));
    return exits.done;
  }
  try {
    const answer = await api.query.open({ ...asked, limit, pageRows: Math.min(limit, pageRows) }, { signal });
    for (const warning of answer.warnings) tell(to, say(`console.query.${warning}`));
    const end = await (format === 'table' ? asTable : asFormat(format as TextFormat))(session, answer, to);
    for (const { sourceName, dataAsOf } of answer.sources)
      tell(
        to,
        dataAsOf === null
          ? say('console.query.asOfNever', { source: sourceName })
          : say('console.query.asOf', { source: sourceName, at: { instant: dataAsOf } }),
      );
    if (end.end === 'limit') tell(to, say('console.query.more', { rows: end.soFar }));
    return exits.done;
  } catch (error) {
    if (error instanceof CallError) to.err.write(pointed(sql, error));
    throw error;
  }
}

async function rest(
  { api }: Session,
  answer: QueryAnswer,
  { signal }: Console,
  take: (rows: QueryPage['rows'], first: boolean) => Promise<void>,
): Promise<QueryPage> {
  let page: QueryPage = answer;
  await take(page.rows, true);
  while (page.end === 'open' && answer.handle !== null) {
    page = await api.query.page({ handle: answer.handle, pageRows }, { signal });
    await take(page.rows, false);
  }
  return page;
}

async function asTable(session: Session, answer: QueryAnswer, to: Console): Promise<QueryPage> {
  const rows: string[][] = [];
  const shown = (value: string | null): string => {
    if (value === null) return '';
    const line = value.replaceAll(/\s+/g, ' ');
    return line.length > widest ? `${line.slice(0, widest - 1)}…` : line;
  };
  const end = await rest(session, answer, to, async (some) => {
    rows.push(...some.map((row) => row.map(shown)));
  });
  to.out.write(
    `${table(
      answer.columns.map(({ name }) => name),
      rows,
    )}\n`,
  );
  tell(to, say('console.query.took', { rows: end.soFar, ms: Math.round(answer.ms) }));
  return end;
}

const asFormat =
  (format: TextFormat) =>
  async (session: Session, answer: QueryAnswer, to: Console): Promise<QueryPage> => {
    const formatter = formatterOf(answer.columns, {
      format,
      delimiter: ',',
      bom: false,
      escapeFormulas: false,
    });
    to.out.write(formatter.head);
    const end = await rest(session, answer, to, async (rows, first) => {
      // What reads the output may be slower than the database.
      if (to.out.write(formatter.rows(rows, first)) === false) await to.out.drained?.();
    });
    to.out.write(formatter.foot);
    return end;
  };

interface Step {
  readonly what: string;
  readonly on: string | null;
  readonly rows: number;
  readonly cost: number;
  readonly steps: readonly Step[];
}
/** As PostgreSQL says it, whose words these are. */
const planText = ({ what, on, rows, cost, steps }: Step, words: Words, depth = 0): string =>
  [
    `${'  '.repeat(depth)}${what}${on === null ? '' : ` on ${on}`}  (rows ${words.number(rows)}, cost ${words.number(cost)})`,
    ...steps.map((step) => planText(step, words, depth + 1)),
  ].join('\n');
