import { type CallName, callNames } from '../../preload/contract/channels.ts';
import { CallError, type Client } from '../../preload/contract/client.ts';
import type { ErrorKind } from '../../preload/contract/errors.ts';
import type { Job } from '../../preload/contract/models.ts';
import type { App } from '../app.ts';
import { AppError } from '../errors.ts';
import { count, progressDisplay, type Screen, table } from './terminal.ts';

/** What a command writes to: results to `out`, everything else to `err`, so that `--json` output can be piped. */
export interface Console {
  readonly out: Screen;
  readonly err: Screen;
  readonly json: boolean;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

export interface Session {
  readonly app: App;
  readonly api: Client;
}

/** Exit codes: 0 done, 1 a defect, 2 wrong usage, 3 something to set right, 4 not allowed, 5 worth another try, 130 cancelled. */
export const exitCodes: Readonly<Record<ErrorKind, number>> = {
  system: 1,
  config: 3,
  denied: 4,
  transient: 5,
};
export const exitUsage = 2;
export const exitCancelled = 130;

/** Prints an error as people and programs can use it and says with which code to exit. */
export function reportError(error: unknown, to: Console): number {
  const known =
    error instanceof CallError || error instanceof AppError
      ? error
      : new AppError('INTERNAL', error instanceof Error ? error.message : String(error));
  const { code, kind, message, advice } = known;
  if (to.json) to.out.write(`${JSON.stringify({ ok: false, error: { code, kind, message, advice } })}\n`);
  else to.err.write(`${message}\n${advice}\n(${code})\n`);
  return code === 'CANCELLED' ? exitCancelled : exitCodes[kind];
}

/** `call <channel> [json]`: any call of the contract. */
export async function callCommand(
  session: Session,
  channel: string,
  input: string | undefined,
  to: Console,
): Promise<number> {
  if (!(callNames as readonly string[]).includes(channel)) {
    to.err.write(`There is no call “${channel}”. Calls:\n  ${callNames.join('\n  ')}\n`);
    return exitUsage;
  }
  let parsed: unknown;
  try {
    parsed = input === undefined ? {} : JSON.parse(input);
  } catch {
    to.err.write('The input is not JSON.\n');
    return exitUsage;
  }
  const [space, verb] = (channel as CallName).split('.') as [keyof Client, string];
  const call = (session.api[space] as Record<string, (input: unknown, options: object) => Promise<unknown>>)[
    verb
  ];
  const made = (): Promise<unknown> => Promise.resolve(call?.(parsed, { signal: to.signal }));
  const print = (data: unknown, ok = true): void =>
    void to.out.write(`${JSON.stringify(to.json ? { ok, data } : data, null, to.json ? 0 : 2)}\n`);
  if (!startsJob.includes(channel as CallName)) {
    print(await made());
    return 0;
  }
  // The job runs in this process: whoever leaves now would only have paused it.
  const job = await followJob(session, made as () => Promise<Job>, to);
  print(job, job.status === 'completed');
  return reportEnd(job.sourceName, job, to);
}

/** Calls that answer with a job that has only begun. */
const startsJob: readonly CallName[] = ['syncs.start', 'syncs.resume', 'datasets.accept'];

/** Runs one job to its end with progress shown; Ctrl-C cancels it, the end of the process pauses it. */
export async function followJob(session: Session, start: () => Promise<Job>, to: Console): Promise<Job> {
  const display = progressDisplay(to.err, to.now);
  let id = '';
  const off = session.app.onEvent((name, payload) => {
    if (name === 'sync.progressed' && (payload as Job).id === id) display.show(payload as Job);
  });
  const job = await start();
  id = job.id;
  const cancel = (): void =>
    void (to.signal.reason === 'SIGTERM' ? session.app.close() : session.api.syncs.cancel({ id })).catch(
      () => {},
    );
  to.signal.addEventListener('abort', cancel, { once: true });
  try {
    return await session.app.jobEnded(id);
  } finally {
    to.signal.removeEventListener('abort', cancel);
    off();
    display.end();
  }
}

/** How many seconds a job took. */
export function seconds(job: Job): number {
  return (Date.parse(job.finishedAt ?? job.queuedAt) - Date.parse(job.startedAt ?? job.queuedAt)) / 1000;
}

/** Says why a job that did not fail published nothing, and what to do; answers the exit code that stands for it. */
function reportUnpublished(source: string, job: Job, to: Console): number {
  const input = JSON.stringify({ id: job.datasetId });
  const lines: string[] = [];
  if (job.status === 'held') {
    lines.push(
      `${source}: read, but not published, because it looks wrong. ${job.notice ?? ''}`.trimEnd(),
      `Publish it all the same: headgate call datasets.accept '${input}'`,
      `Throw it away: headgate call datasets.discard '${input}'`,
    );
  } else if (job.status === 'paused') {
    const by = job.pausedBy === 'person' ? 'by a person' : 'because Headgate was closed';
    const next = `headgate call syncs.resume '${JSON.stringify({ id: job.id })}'`;
    lines.push(`${source}: paused ${by}; what is read stays. Continue it: ${next}`);
  } else if (job.status === 'completed' || job.error !== null) {
    return 0;
  } else {
    // Whoever ran it is gone, or nobody runs it yet.
    lines.push(`${source}: nothing was published; the sync is ${job.status}. Start it again: it continues.`);
  }
  if (!to.json) to.err.write(`${lines.join('\n')}\n`);
  return job.status === 'held' ? exitCodes.config : exitCodes.transient;
}

/** Says how a job ended that was followed; answers the exit code, which is 0 only for what is published. */
function reportEnd(source: string, job: Job, to: Console): number {
  const unpublished = reportUnpublished(source, job, to);
  if (!job.error || job.status === 'completed') return unpublished;
  const { code, kind, message, advice } = job.error;
  if (!to.json) to.err.write(`${source}: ${message}\n${advice}\n(${code})\n`);
  return Math.max(unpublished, code === 'CANCELLED' ? exitCancelled : exitCodes[kind]);
}

const byName = <T extends { id: string; name: string }>(items: readonly T[], wanted: string): T[] =>
  items.filter((item) => item.id === wanted || item.name.toLowerCase() === wanted.toLowerCase());

/** `sync <project> [<source>]`: every active link of a project, or one of them, one after the other. */
export async function syncCommand(
  session: Session,
  projectName: string,
  sourceName: string | undefined,
  to: Console,
): Promise<number> {
  const projects = await session.api.projects.list();
  const [project] = byName(projects, projectName);
  if (!project) {
    to.err.write(
      `There is no project “${projectName}”. Projects: ${projects.map((p) => p.name).join(', ') || 'none'}\n`,
    );
    return exitUsage;
  }
  const links = await session.api.links.list({ projectId: project.id });
  const named = links.map((link) => ({ ...link, name: link.sourceName }));
  const chosen = sourceName === undefined ? named.filter((link) => link.isActive) : byName(named, sourceName);
  if (chosen.length === 0) {
    to.err.write(
      `“${project.name}” has no ${sourceName === undefined ? 'active source' : `source “${sourceName}”`}. Sources: ${named.map((l) => l.name).join(', ') || 'none'}\n`,
    );
    return exitUsage;
  }
  let worst = 0;
  for (const link of chosen) {
    if (to.signal.aborted) break;
    const job = await followJob(session, () => session.api.syncs.start({ linkId: link.id }), to);
    if (to.json) to.out.write(`${JSON.stringify({ ok: job.status === 'completed', data: job })}\n`);
    else if (job.status === 'completed') {
      const rows = Object.entries(job.rowCounts).map(([name, n]) => [name, count(n)]);
      to.out.write(
        `${link.sourceName}: published in ${seconds(job).toFixed(1)} s\n${table(['table', 'rows'], rows)}\n`,
      );
      if (job.notice) to.out.write(`${job.notice}\n`);
    }
    worst = Math.max(worst, reportEnd(link.sourceName, job, to));
  }
  return worst;
}
