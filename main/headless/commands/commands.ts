import { type CallName, callNames } from '../../../preload/contract/channels.ts';
import { CallError, type Client } from '../../../preload/contract/client.ts';
import type { ErrorKind } from '../../../preload/contract/errors.ts';
import type { Job, Link } from '../../../preload/contract/models.ts';
import { plain, type Said } from '../../../preload/contract/said.ts';
import { below, type SentenceId, say, several } from '../../../preload/messages/said.ts';
import type { Place } from '../../app.ts';
import { AppError } from '../../errors.ts';
import type { WaitsFor } from '../../sync/job/jobs.ts';
import type { Words } from '../../words.ts';
import { inColumns, progressDisplay, type Screen, table } from '../terminal/terminal.ts';

/** What a command writes to: results to `out`, everything else to `err`, so that `--json` output can be piped. */
export interface Console {
  readonly out: Screen;
  readonly err: Screen;
  readonly json: boolean;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** What people read; what programs read is in no language. */
  readonly words: Words;
}

/** What a command found or did: as JSON where that is wanted, else in words. */
export const print = (to: Console, data: unknown, text: () => string | Said): void => {
  if (to.json) return void to.out.write(`${JSON.stringify({ ok: true, data })}\n`);
  const found = text();
  to.out.write(`${typeof found === 'string' ? found : to.words.text(found)}\n`);
};

/** Says something to whoever sits there, beside what the command found. */
export const tell = (to: Console, said: Said): void => void to.err.write(`${to.words.text(said)}\n`);

/** A command's place at the workspace: of its own process, or of the one that owns the workspace. */
export interface Session {
  readonly app: Place & { close(): Promise<void> };
  readonly api: Client;
}

/**
 * What the command line exits with. A job has codes of its own, so that whoever looks at nothing else knows whether its
 * data was published (only 0), and whether somebody has to come.
 */
export const exits = {
  done: 0,
  defect: 1,
  usage: 2,
  config: 3,
  denied: 4,
  transient: 5,
  held: 6,
  paused: 7,
  unfinished: 8,
  cancelled: 130,
} as const;
export type Exit = (typeof exits)[keyof typeof exits];

export const exitCodes: Readonly<Record<ErrorKind, Exit>> = {
  system: exits.defect,
  config: exits.config,
  denied: exits.denied,
  transient: exits.transient,
};

/** Of several ends the one that tells most is the exit code: first what nobody gets past without a person. */
const urgency: readonly Exit[] = [
  exits.cancelled,
  exits.defect,
  exits.usage,
  exits.denied,
  exits.config,
  exits.held,
  exits.transient,
  exits.paused,
  exits.unfinished,
];
export const worse = (a: Exit, b: Exit): Exit =>
  urgency.find((code) => code === a || code === b) ?? exits.done;

/** Prints an error as people and programs can use it and says with which code to exit. */
export function reportError(error: unknown, to: Console): Exit {
  const known =
    error instanceof CallError || error instanceof AppError
      ? error
      : new AppError('INTERNAL', plain(error instanceof Error ? error.message : String(error)));
  const { code, kind, message, advice, said, advised } = known;
  if (to.json) to.out.write(`${JSON.stringify({ ok: false, error: { code, kind, message, advice } })}\n`);
  else
    to.err.write(
      `${to.words.text(said ?? plain(message))}\n${to.words.text(advised ?? plain(advice))}\n(${code})\n`,
    );
  return code === 'CANCELLED' ? exits.cancelled : exitCodes[kind];
}

/** `call <channel> [json]`: any call of the contract. */
export async function callCommand(
  session: Session,
  channel: string,
  input: string | undefined,
  to: Console,
): Promise<Exit> {
  if (!(callNames as readonly string[]).includes(channel)) {
    tell(to, say('console.noCall', { channel }));
    to.err.write(`  ${callNames.join('\n  ')}\n`);
    return exits.usage;
  }
  let parsed: unknown;
  try {
    parsed = input === undefined ? {} : JSON.parse(input);
  } catch {
    tell(to, say('console.notJson'));
    return exits.usage;
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
    return exits.done;
  }
  // The job runs in this process: whoever leaves now would only have paused it.
  const job = await followJob(session, made as () => Promise<Job>, to);
  print(job, job.status === 'completed');
  return reportEnd(job.sourceName, job, to);
}

/** `search-path <project>`: what to paste into a session, a role or a URL. */
export async function searchPathCommand({ api }: Session, project: string, to: Console): Promise<Exit> {
  const found = (await api.projects.list()).find(({ id, name }) => id === project || name === project);
  if (!found) throw new AppError('NOT_FOUND', say('command.noProject', { name: project }));
  const path = await api.projects.searchPath({ projectId: found.id });
  print(to, path, () => {
    const ways = [
      [say('console.path.forGood'), path.alterRole],
      [say('console.path.inUrl'), path.urlParameter],
      [say('console.path.fromThere'), path.ask],
    ] as const;
    // A comment for SQL, whatever language stands in it.
    return [path.set, ...inColumns(ways.map(([way, text]) => [`-- ${to.words.text(way)}:`, text]))].join(
      '\n',
    );
  });
  if (path.queued > 0) tell(to, say('console.path.readNow', { count: path.queued }));
  return exits.done;
}

/** Calls that answer with a job that has only begun. */
export const startsJob: readonly CallName[] = [
  'syncs.start',
  'syncs.resume',
  'syncs.takeOver',
  'datasets.accept',
];

/** A call as it is typed. */
const typed = (name: CallName, input: unknown): string => `headgate call ${name} '${JSON.stringify(input)}'`;

/** What is waited for, when it is not this process's own work. */
function waitSaid(job: Job, what: WaitsFor): Said {
  const { id, sourceName: source } = job;
  if (what.kind === 'source') {
    const until = { instant: what.until };
    return say('console.waits.source', { source, until, command: typed('syncs.resume', { id }) });
  }
  if (what.kind === 'network') return say('console.waits.network', { source });
  const { host, pid } = what.owner;
  const where =
    pid === 0
      ? say('console.waits.anotherHeadgate')
      : say('console.waits.thatProcess', { pid: String(pid), host });
  return say('console.waits.process', {
    source,
    where,
    command: typed('syncs.takeOver', { id, reason: '…' }),
  });
}

/**
 * Runs one job to its end with progress shown, or waits for whoever runs it. Ctrl-C cancels it, or ends the waiting where
 * it is somebody else's; the end of the process pauses it.
 */
export async function followJob(session: Session, start: () => Promise<Job>, to: Console): Promise<Job> {
  const display = progressDisplay(to.err, to.now, to.words);
  let id = '';
  const off = session.app.onEvent((name, payload) => {
    if (name === 'sync.progressed' && (payload as Job).id === id) display.show(payload as Job);
  });
  const job = await start();
  id = job.id;
  const leaving = new AbortController();
  const stop = (): void => {
    if (to.signal.reason === 'SIGTERM') void session.app.close();
    else session.api.syncs.cancel({ id }).catch(() => leaving.abort());
  };
  if (to.signal.aborted) stop();
  else to.signal.addEventListener('abort', stop, { once: true });
  let said = '';
  try {
    return await session.app.jobEnded(id, {
      signal: leaving.signal,
      onWait(waiting, what) {
        const text = to.words.text(waitSaid(waiting, what));
        if (text !== said) to.err.write(`${text}\n`);
        said = text;
      },
    });
  } finally {
    to.signal.removeEventListener('abort', stop);
    off();
    display.end();
  }
}

type Head = SentenceId extends infer I ? (I extends `console.head.${infer N}` ? N : never) : never;

/** The headings of a table. */
export const headsOf = (to: Pick<Console, 'words'>, names: readonly Head[]): string[] =>
  names.map((name) => to.words.text(say(`console.head.${name}`)));

/** A number with one digit after the point, as people of the language write it. */
export const tenths = (to: Pick<Console, 'words'>, n: number): string =>
  new Intl.NumberFormat(to.words.spoken().locale, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    useGrouping: false,
  }).format(n);

/** How many seconds a job took. */
export function seconds(job: Job): number {
  return (Date.parse(job.finishedAt ?? job.queuedAt) - Date.parse(job.startedAt ?? job.queuedAt)) / 1000;
}

/** How a job ended, or that it has not: the exit code that stands for it. */
function exitOf(job: Job): Exit {
  if (job.status === 'completed') return exits.done;
  if (job.error !== null) return job.error.code === 'CANCELLED' ? exits.cancelled : exitCodes[job.error.kind];
  if (job.status === 'held') return exits.held;
  if (job.status === 'paused') return exits.paused;
  return job.status === 'cancelled' ? exits.cancelled : exits.unfinished;
}

/** Why a job published nothing, and what to do. */
function unpublished(source: string, job: Job): Said[] {
  const input = { id: job.datasetId };
  if (job.error) {
    const { said, advised, message, advice, code } = job.error;
    const what = said ?? plain(message);
    return [say('console.of', { name: source, what }), advised ?? plain(advice), plain(`(${code})`)];
  }
  if (job.status === 'held') {
    const held = say('console.held', { source });
    return [
      job.notice === null ? held : several([held, job.noticed ?? plain(job.notice)]),
      say('console.held.publish', { command: typed('datasets.accept', input) }),
      say('console.held.discard', { command: typed('datasets.discard', input) }),
    ];
  }
  if (job.status === 'paused') {
    const by = job.pausedBy ?? 'quit';
    return [say(`console.paused.${by}`, { source, command: typed('syncs.resume', { id: job.id }) })];
  }
  // Whoever runs it goes on; only the waiting has ended.
  return [say('console.goesOn', { source })];
}

/** Says how a job ended that was followed; answers the exit code, which is 0 only for what is published. */
function reportEnd(source: string, job: Job, to: Console): Exit {
  if (job.status !== 'completed' && !to.json) tell(to, below(unpublished(source, job)));
  return exitOf(job);
}

export interface SyncOptions {
  readonly project: string;
  readonly source: string | undefined;
  readonly takeOver: string | undefined;
}

/** Those that are called so, by id or by name. */
const named = <T extends { id: string; name: string }>(items: readonly T[], wanted: string): T[] =>
  items.filter((item) => item.id === wanted || item.name.toLowerCase() === wanted.toLowerCase());

const namesOr = (items: readonly { readonly name: string }[]): readonly string[] | Said =>
  items.length === 0 ? say('console.none') : items.map(({ name }) => name);

/** The one that is called so; where there is none, says which there are. */
export function findNamed<T extends { id: string; name: string }>(
  kind: 'Project' | 'Source',
  items: readonly T[],
  wanted: string,
  to: Console,
): T | undefined {
  const [found] = named(items, wanted);
  if (!found) {
    const names = namesOr(items);
    const id = kind === 'Project' ? 'console.noProject' : 'console.noSource';
    tell(to, say(id, { name: wanted, names }));
  }
  return found;
}

/**
 * `sync <project> [<source>] [--take-over REASON]`: every active link of a project, or one of them, one after the other.
 * With a reason, what another process runs is had here instead of waited for.
 */
export async function syncCommand(
  session: Session,
  { project: projectName, source: sourceName, takeOver }: SyncOptions,
  to: Console,
): Promise<Exit> {
  const project = findNamed('Project', await session.api.projects.list(), projectName, to);
  if (!project) return exits.usage;
  const links = await session.api.links.list({ projectId: project.id });
  const shown = links.map((link) => ({ ...link, name: link.sourceName }));
  const chosen = sourceName === undefined ? shown.filter((link) => link.isActive) : named(shown, sourceName);
  if (chosen.length === 0) {
    const of = { project: project.name, names: namesOr(shown) };
    tell(
      to,
      sourceName === undefined
        ? say('console.noActiveSource', of)
        : say('console.noSourceOf', { ...of, source: sourceName }),
    );
    return exits.usage;
  }
  let worst: Exit = exits.done;
  for (const [at, link] of chosen.entries()) {
    if (to.signal.aborted) {
      const left = chosen.slice(at).map(({ sourceName: name }) => name);
      tell(to, say('console.notBegun', { names: left }));
      return worse(worst, to.signal.reason === 'SIGTERM' ? exits.paused : exits.cancelled);
    }
    try {
      worst = worse(worst, await syncLink(session, link, takeOver, to));
    } catch (error) {
      // One that can't even be begun keeps none of the others from it.
      worst = worse(worst, reportError(error, to));
    }
  }
  return worst;
}

async function syncLink(
  session: Session,
  link: Link,
  reason: string | undefined,
  to: Console,
): Promise<Exit> {
  const { syncs } = session.api;
  const open = link.dataset?.job ?? null;
  const start = (): Promise<Job> =>
    reason === undefined || open === null
      ? syncs.start({ linkId: link.id })
      : syncs.takeOver({ id: open.id, reason });
  const job = await followJob(session, start, to);
  if (to.json) to.out.write(`${JSON.stringify({ ok: job.status === 'completed', data: job })}\n`);
  else if (job.status === 'completed') {
    const rows = Object.entries(job.rowCounts).map(([name, n]) => [name, to.words.number(n)]);
    const { text } = to.words;
    const published = say('console.published', {
      source: link.sourceName,
      seconds: tenths(to, seconds(job)),
    });
    to.out.write(`${text(published)}\n${table(headsOf(to, ['table', 'rows']), rows)}\n`);
    if (job.notice) to.out.write(`${text(job.noticed ?? plain(job.notice))}\n`);
  }
  return reportEnd(link.sourceName, job, to);
}
