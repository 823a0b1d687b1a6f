import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { Job, RunLevel } from '../../../preload/contract/models.ts';
import { Button } from '../../components/button.tsx';
import { CopyTextButton, copyText } from '../../components/copy.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Icon } from '../../components/icons.tsx';
import { SkeletonRows } from '../../components/page.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { formatAbsolute, formatTimeOfDay } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { sentence } from '../../i18n/sentence.ts';
import { useRunLog } from './use-run-log.ts';

const levels = ['info', 'warn', 'error'] as const satisfies readonly RunLevel[];
const icons = { info: 'info', warn: 'warning', error: 'failed' } as const;
const tones = { info: 'muted', warn: 'warn', error: 'bad' } as const;
/** From a level on: what is worse is seen too. */
const from: Readonly<Record<RunLevel, readonly RunLevel[]>> = {
  info: levels,
  warn: ['warn', 'error'],
  error: ['error'],
};

interface Line {
  readonly seq: number;
  readonly at: string;
  readonly level: RunLevel;
  readonly text: string;
}

const lineText = ({ at, level, text }: Line): string => `${at} ${t(`runs.level.${level}`)} ${text}`;

/** What a run said on its way, in the reader's words: looked through, followed, and copied. */
export function RunLog({ job }: { job: Job }) {
  const [level, setLevel] = useState<RunLevel>('info');
  const [search, setSearch] = useState('');
  const [follow, setFollow] = useState(true);
  const log = useRunLog(job, follow);
  const list = useRef<HTMLUListElement>(null);
  const notify = useNotify();
  const [current, setCurrent] = useState<number | null>(null);
  const lines: Line[] = (log.entries ?? []).map(({ said, ...entry }) => ({
    ...entry,
    text: sentence(said, said.id),
  }));
  const wanted = search.trim().toLocaleLowerCase();
  const found = lines.filter(
    (line) => from[level].includes(line.level) && line.text.toLocaleLowerCase().includes(wanted),
  );
  const open = job.finishedAt === null;
  const count = found.length;
  // The newest line is at the end: it is kept in view while it is followed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each line that comes moves it
  useEffect(() => {
    const element = list.current;
    if (open && follow && element) element.scrollTop = element.scrollHeight;
  }, [count, open, follow]);
  const stop = found.some(({ seq }) => seq === current) ? current : found.at(-1)?.seq;
  const copyLine = async (line: Line): Promise<void> => {
    if (await copyText(lineText(line))) notify.done(t('runs.lineCopied'));
  };
  const press = (event: KeyboardEvent): void => {
    const at = found.findIndex(({ seq }) => seq === stop);
    const line = found[at];
    if (event.key === 'c' && (event.ctrlKey || event.metaKey) && line && getSelection()?.isCollapsed) {
      event.preventDefault();
      void copyLine(line);
      return;
    }
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: found.length - 1 }[event.key];
    const next = to === undefined ? undefined : found[to];
    if (!next) return;
    event.preventDefault();
    setCurrent(next.seq);
    list.current?.querySelector<HTMLElement>(`[data-seq="${next.seq}"]`)?.focus();
  };
  return (
    <section aria-labelledby="run-log">
      <h3 id="run-log">{t('runs.log')}</h3>
      <div className="log-tools">
        <label className="log-search">
          <span className="visually-hidden">{t('runs.logSearch')}</span>
          <input
            type="search"
            className="input"
            placeholder={t('runs.logSearch')}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        </label>
        <label className="log-level">
          <span className="visually-hidden">{t('runs.logLevel')}</span>
          <select
            className="input"
            value={level}
            onChange={(event) => setLevel(event.target.value as RunLevel)}
          >
            {levels.map((each) => (
              <option key={each} value={each}>
                {t(`runs.levelFrom.${each}`)}
              </option>
            ))}
          </select>
        </label>
        {open && (
          <Button small icon={follow ? 'pause' : 'play'} onClick={() => setFollow(!follow)}>
            {t(follow ? 'runs.logStand' : 'runs.logFollow')}
          </Button>
        )}
        <CopyTextButton text={found.map(lineText).join('\n')} label={t('runs.copyAll')} />
      </div>
      {log.error && (
        <ErrorNotice
          error={log.error}
          actions={
            <Button small icon="sync" onClick={log.reload}>
              {t('action.tryAgain')}
            </Button>
          }
        />
      )}
      {log.entries === undefined && !log.error && <SkeletonRows rows={3} label={t('state.loading')} />}
      {log.dropped > 0 && <p className="cell-note">{t('runs.dropped', { count: log.dropped })}</p>}
      {log.entries !== undefined && found.length === 0 && (
        <p className="muted">{t(lines.length === 0 ? 'runs.logEmpty' : 'runs.logNone')}</p>
      )}
      {found.length > 0 && (
        <ul className="log" ref={list} aria-labelledby="run-log" onKeyDown={press}>
          {found.map((line) => (
            <li key={line.seq} className={`log-line tone-${tones[line.level]}`}>
              <button
                type="button"
                data-seq={line.seq}
                tabIndex={line.seq === stop ? 0 : -1}
                title={t('runs.copyLine')}
                onFocus={() => setCurrent(line.seq)}
                onClick={() => void copyLine(line)}
              >
                <Icon name={icons[line.level]} size={14} />
                <span className="visually-hidden">{t(`runs.level.${line.level}`)}</span>
                <time dateTime={line.at} title={formatAbsolute(line.at)} className="number">
                  {formatTimeOfDay(line.at)}
                </time>
                <span className="log-text">{line.text}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
