import type { Job, TableProgress } from '../../../preload/contract/models.ts';
import { plain, type Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import type { Words } from '../../words.ts';

/** The part of a stream that is written to; `isTTY` decides between a bar that moves and plain lines. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
  /** Resolves once what was written has been taken; absent where nothing waits. */
  drained?(): Promise<void>;
}

const barWidth = 24;
/** Lines without a terminal are for logs: one every few seconds is enough. */
const plainLineMs = 5000;

/** Printable characters take one column; East Asian wide ones two, combining marks none. Good enough to align names. */
function width(text: string): number {
  let columns = 0;
  for (const char of text) {
    if (/\p{M}/u.test(char)) continue;
    columns +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}]/u.test(
        char,
      )
        ? 2
        : 1;
  }
  return columns;
}
const padEnd = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - width(text)));
const padStart = (text: string, columns: number): string =>
  ' '.repeat(Math.max(0, columns - width(text))) + text;

/** Pairs one below the other, the second of each beginning at the same column. */
export function inColumns(pairs: readonly (readonly [string, string])[]): string[] {
  const widest = Math.max(...pairs.map(([first]) => width(first)));
  return pairs.map(([first, second]) => `${padEnd(first, widest)}  ${second}`);
}

/** A table with a header, numbers to the right, as wide as its contents. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, at) =>
    Math.max(width(title), ...rows.map((row) => width(row[at] ?? ''))),
  );
  const numeric = header.map(
    (_, at) => rows.length > 0 && rows.every((row) => /^[\p{Nd},.\s\u2019]*$/u.test(row[at] ?? '')),
  );
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, at) => (numeric[at] ? padStart : padEnd)(cell, widths[at] ?? 0)).join('  ')}`.trimEnd();
  return [
    line(header),
    line(widths.map((columns) => '─'.repeat(columns))),
    ...rows.map((row) => line(row)),
  ].join('\n');
}

const bar = (share: number): string => {
  const full = Math.round(Math.min(1, share) * barWidth);
  return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)}`;
};

const tableText = ({ dataset, fetched, total, status }: TableProgress, words: Words): string => {
  const name = `  ${padEnd(dataset, 8)}`;
  if (status === 'waiting') return `${name} ${words.text(say('console.progress.waiting'))}`;
  // Without a total there is no honest percentage: count up.
  if (total === null || total === 0) return `${name} ${words.number(fetched)}`;
  return `${name} ${bar(fetched / total)} ${words.text(say('console.progress.of', { fetched, total }))}`;
};

/** What a job is doing, and what keeps it. */
function doingOf(job: Job): Said {
  const phase = say(`console.phase.${job.status === 'paused' ? 'paused' : job.phase}`);
  const noticed = job.notice === null ? null : (job.noticed ?? plain(job.notice));
  const why =
    job.status === 'queued' && noticed !== null
      ? say('console.phase.because', { phase, why: noticed })
      : phase;
  return job.waitingUntil === null
    ? why
    : say('console.phase.askedToWait', { phase: why, until: { instant: job.waitingUntil } });
}

/** Shows the progress of one job until `end` is called: bars on a terminal, now and then a line elsewhere. */
export function progressDisplay(screen: Screen, now: () => number, words: Words) {
  let drawn = 0;
  let lastLine = 0;
  const erase = (): void => {
    if (drawn > 0) screen.write(`\x1b[${drawn}A\x1b[J`);
    drawn = 0;
  };
  return {
    show(job: Job): void {
      const lines = [words.text(doingOf(job)), ...job.tables.map((each) => tableText(each, words))];
      if (screen.isTTY) {
        erase();
        screen.write(`${lines.join('\n')}\n`);
        drawn = lines.length;
      } else if (now() - lastLine >= plainLineMs) {
        lastLine = now();
        screen.write(`${lines.map((line) => line.trim().replace(/\s+/g, ' ')).join(' · ')}\n`);
      }
    },
    end: erase,
  };
}
