import { randomUUID } from 'node:crypto';
import { CallError } from '../../../preload/contract/client.ts';
import type { Events } from '../../../preload/contract/events.ts';
import { type ExportFormat, exportFormats } from '../../../preload/contract/query-words.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { type Console, type Exit, exits, findNamed, print, type Session, tell } from './commands.ts';
import { parametersOf, pointed, type QueryOptions, statementOf, timeoutOf } from './query-asked.ts';

const formatOf = (wanted: string): ExportFormat | null =>
  exportFormats.find((each) => each === wanted) ?? null;

/** `query … --out FILE`: every row into a file, in the format that is named, or that the file's name ends in, or CSV. */
export async function exportRows(
  { app, api }: Session,
  wanted: string,
  argument: string | undefined,
  options: QueryOptions,
  to: Console,
): Promise<Exit> {
  const ending = /\.(\w+)$/.exec(options.out ?? '')?.[1]?.toLowerCase() ?? '';
  const format = options.format === undefined ? (formatOf(ending) ?? 'csv') : formatOf(options.format);
  if (format === null) {
    tell(to, say('console.query.formats', { formats: [...exportFormats], format: options.format ?? '' }));
    return exits.usage;
  }
  if (options.limit !== undefined || options.plan) {
    tell(to, say('console.query.outAll'));
    return exits.usage;
  }
  const project = findNamed('Project', await api.projects.list(), wanted, to);
  if (!project) return exits.usage;
  const sql = await statementOf(argument, options);
  const parameters = parametersOf(options.param);
  const progressId = randomUUID();
  const line = (text: string): void => void (to.err.isTTY && to.err.write(`\r\x1b[K${text}`));
  const stop = app.onEvent((name, payload) => {
    if (name !== 'query.exportProgressed') return;
    const { rows, bytes, ...of } = payload as Events['query.exportProgressed'];
    if (of.progressId === progressId) line(`${to.words.text(written(rows, bytes))} …`);
  });
  try {
    const { savedTo, rows, bytes, cut } = await api.query.export(
      {
        ...{ projectId: project.id, sql, format, progressId, ...timeoutOf(options.timeout) },
        ...(parameters && { parameters }),
      },
      { signal: to.signal },
    );
    line('');
    if (cut > 0) {
      tell(to, say('console.query.cut', { count: cut }));
    }
    print(to, { path: savedTo, rows, bytes, cut }, () =>
      say('console.of', { name: savedTo ?? '', what: written(rows, bytes) }),
    );
    return exits.done;
  } catch (error) {
    line('');
    if (error instanceof CallError) to.err.write(pointed(sql, error));
    throw error;
  } finally {
    stop();
  }
}

const written = (rows: number, bytes: number): Said =>
  say('console.query.written', { rows, size: sizeOf(bytes) });

const sizeOf = (bytes: number): Said =>
  bytes < 1e6
    ? say('console.query.kB', { size: Math.ceil(bytes / 1000) })
    : say('console.query.MB', { size: Math.round(bytes / 1e5) / 10 });
