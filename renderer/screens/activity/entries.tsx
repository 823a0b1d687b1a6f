import { Fragment, type KeyboardEvent, useState } from 'react';
import type { AuditEntry } from '../../../preload/contract/models.ts';
import { Icon, type IconName } from '../../components/icons.tsx';
import { Status, type Tone } from '../../components/status.tsx';
import {
  calendarDayOf,
  formatAbsolute,
  formatAxisHour,
  formatDayName,
  formatTimeOfDay,
} from '../../format.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { actionText, type TypedFilter } from './filter.tsx';
import { detailsText, entrySubject, subjectToken } from './subjects.ts';

const look: Record<AuditEntry['outcome'], { tone: Tone; icon: IconName }> = {
  ok: { tone: 'ok', icon: 'check' },
  refused: { tone: 'warn', icon: 'lock' },
  failed: { tone: 'bad', icon: 'failed' },
};

/** Entries of one day of the reader's calendar, as they come. */
export function daysOf(
  entries: readonly AuditEntry[],
): { readonly day: string; readonly entries: AuditEntry[] }[] {
  return [...Map.groupBy(entries, ({ at }) => calendarDayOf(new Date(at)))].map(([day, of]) => ({
    day,
    entries: of,
  }));
}

interface EntriesProps {
  readonly entries: readonly AuditEntry[];
  readonly names: ReadonlyMap<string, string>;
  /** Narrows the list to what a token says. */
  readonly onNarrow: (change: Partial<TypedFilter>) => void;
}

/**
 * The log by days. Who, what and on what are tokens: pressing one narrows the list to it. The whole list is one tab stop: up
 * and down walk the entries, left and right the tokens of one.
 */
export function Entries({ entries, names, onNarrow }: EntriesProps) {
  const now = useNow();
  const [at, setAt] = useState<{ seq: number; column: number }>();
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const first = entries[0]?.seq;
  const stop = at !== undefined && entries.some(({ seq }) => seq === at.seq) ? at : { seq: first, column: 0 };
  const token = (seq: number, column: number) => ({
    'data-token': `${seq} ${column}`,
    tabIndex: stop.seq === seq && stop.column === column ? 0 : -1,
    onFocus: () => setAt({ seq, column }),
  });
  const toggle = (seq: number): void =>
    setOpen((known) => {
      const next = new Set(known);
      if (!next.delete(seq)) next.add(seq);
      return next;
    });
  return (
    <div className="table-wrap activity-table">
      <table className="table table-stack table-log" onKeyDown={walk}>
        <thead>
          <tr>
            <th scope="col">{t('activity.when')}</th>
            <th scope="col">{t('activity.person')}</th>
            <th scope="col">{t('activity.action')}</th>
            <th scope="col">{t('activity.subject')}</th>
            <th scope="col">{t('activity.outcome')}</th>
            <th scope="col" className="cell-actions">
              <span className="visually-hidden">{t('activity.detail')}</span>
            </th>
          </tr>
        </thead>
        {daysOf(entries).map(({ day, entries: of }) => (
          <tbody key={day}>
            <tr className="activity-day">
              <th scope="rowgroup" colSpan={6}>
                <h2>{formatDayName(day, now)}</h2>
              </th>
            </tr>
            {of.map((entry) => (
              <Fragment key={entry.seq}>
                <Row
                  entry={entry}
                  names={names}
                  open={open.has(entry.seq)}
                  token={token}
                  onNarrow={onNarrow}
                  onToggle={() => toggle(entry.seq)}
                />
                {open.has(entry.seq) && <Detail entry={entry} />}
              </Fragment>
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

interface RowProps extends Pick<EntriesProps, 'names' | 'onNarrow'> {
  readonly entry: AuditEntry;
  readonly open: boolean;
  readonly token: (seq: number, column: number) => object;
  readonly onToggle: () => void;
}

function Row({ entry, names, open, token, onNarrow, onToggle }: RowProps) {
  const { seq, at, person, action, subject, outcome } = entry;
  const details = detailsText(entry.details);
  const about = entrySubject(entry, names);
  const what = actionText(action);
  return (
    <tr data-entry={seq}>
      <td data-label={t('activity.when')} className="cell-time number">
        <time dateTime={at} title={formatAbsolute(at)}>
          {formatAxisHour(Date.parse(at))}
        </time>
      </td>
      <td data-label={t('activity.person')}>
        <Token
          {...token(seq, 0)}
          text={person}
          hint={t('activity.onlyWho')}
          onPress={() => onNarrow({ person })}
        />
      </td>
      <td data-label={t('activity.action')}>
        <Token
          {...token(seq, 1)}
          text={what}
          hint={t('activity.onlyWhat')}
          onPress={() => onNarrow({ action })}
        />
      </td>
      <td data-label={t('activity.subject')} className="cell-wrap">
        {about !== '' && (
          <Token
            {...token(seq, 2)}
            text={about}
            hint={t('activity.onlyObject')}
            onPress={() => onNarrow({ subject: subjectToken(subject, names) })}
          />
        )}
        {details !== '' && <span className="cell-note">{details}</span>}
      </td>
      <td data-label={t('activity.outcome')}>
        <Status {...look[outcome]}>{t(`outcome.${outcome}`)}</Status>
      </td>
      <td className="cell-actions">
        <button
          type="button"
          className="icon-button"
          {...token(seq, 3)}
          aria-expanded={open}
          aria-label={t('activity.detailOf', { seq: String(seq) })}
          onClick={onToggle}
        >
          <Icon name={open ? 'chevronUp' : 'chevronDown'} />
        </button>
      </td>
    </tr>
  );
}

interface TokenProps {
  readonly text: string;
  readonly hint: string;
  readonly onPress: () => void;
}

function Token({ text, hint, onPress, ...place }: TokenProps) {
  return (
    <button
      type="button"
      className="activity-token"
      aria-description={hint}
      title={hint}
      onClick={onPress}
      {...place}
    >
      {text}
    </button>
  );
}

/** The entry as it stands in the log, to the second and in its own words. */
function Detail({ entry }: { entry: AuditEntry }) {
  const { seq, at, action, subject, details } = entry;
  const facts: readonly (readonly [string, string])[] = [
    [t('activity.exactly'), `${formatTimeOfDay(at)} · ${formatAbsolute(at)}`],
    [t('activity.number'), String(seq)],
    [t('activity.asWritten'), [action, subject, details].filter((part) => part !== '').join(' · ')],
  ];
  return (
    <tr className="activity-detail">
      <td colSpan={6}>
        <dl className="facts facts-line">
          {facts.map(([term, text], n) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd className={n === 2 ? 'code' : 'number'} translate={n === 2 ? 'no' : undefined}>
                {text}
              </dd>
            </div>
          ))}
        </dl>
      </td>
    </tr>
  );
}

/** Up and down to the same token of the entry beside, left and right to the next token, Home and End to the ends. */
function walk(event: KeyboardEvent<HTMLTableElement>): void {
  const table = event.currentTarget;
  const here = document.activeElement?.closest<HTMLElement>('[data-token]');
  if (!here || event.altKey || event.ctrlKey || event.metaKey) return;
  const rows = [...table.querySelectorAll<HTMLElement>('tr[data-entry]')];
  const row = here.closest<HTMLElement>('tr');
  const tokens = [...(row?.querySelectorAll<HTMLElement>('[data-token]') ?? [])];
  const column = tokens.indexOf(here);
  const place = row ? rows.indexOf(row) : -1;
  const inRow = (to: HTMLElement | undefined): HTMLElement | undefined => {
    const there = [...(to?.querySelectorAll<HTMLElement>('[data-token]') ?? [])];
    return there[Math.min(column, there.length - 1)];
  };
  const next = {
    ArrowDown: () => inRow(rows[place + 1]),
    ArrowUp: () => inRow(rows[place - 1]),
    ArrowRight: () => tokens[column + 1],
    ArrowLeft: () => tokens[column - 1],
    Home: () => inRow(rows[0]),
    End: () => inRow(rows.at(-1)),
  }[event.key];
  if (!next) return;
  event.preventDefault();
  next()?.focus();
}
