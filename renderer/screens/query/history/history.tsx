import { useDeferredValue, useEffect, useRef, useState } from 'react';
import type { PastQuery, QueryHistory } from '../../../../preload/contract/models.ts';
import { useAction, useCall } from '../../../api.ts';
import { Button, IconButton } from '../../../components/button.tsx';
import { ErrorNotice } from '../../../components/error-notice.tsx';
import { SelectField, TextField } from '../../../components/fields.tsx';
import { RowMenu } from '../../../components/menu.tsx';
import { Loaded } from '../../../components/page.tsx';
import { Status, type Tone } from '../../../components/status.tsx';
import { Time } from '../../../components/time.tsx';
import { formatDuration, formatNumber } from '../../../format.ts';
import { t } from '../../../i18n/index.ts';
import { NameDialog } from '../name-dialog.tsx';
import type { AskPlace } from '../place.ts';

const filters = ['mine', 'pinned', 'shared', 'all'] as const;
type Filter = (typeof filters)[number];
const atOnce = 30;
const mostAtOnce = 200;

interface HistoryProps {
  readonly place: AskPlace;
  /** Changes whenever something was run, so that it is read again. */
  readonly ran: number;
  readonly onOpen: (past: PastQuery) => void;
  readonly onRun: (past: PastQuery) => void;
  readonly onClose: () => void;
}

/** What was asked before: to find, keep, share and run again; and what that says of the project's queries. */
export function History({ place, ran, onOpen, onRun, onClose }: HistoryProps) {
  const [part, setPart] = useState<'list' | 'statistics'>('list');
  const panel = useRef<HTMLElement>(null);
  // In a small window it stands below the result: the focus brings it into view.
  useEffect(() => panel.current?.querySelector('input')?.focus(), []);
  return (
    <aside className="query-history" aria-label={t('query.historyTitle')} ref={panel}>
      <header className="query-history-head">
        <h2>{t('query.historyTitle')}</h2>
        <IconButton icon="close" label={t('query.historyClose')} onClick={onClose} />
      </header>
      <fieldset className="segments">
        <legend className="visually-hidden">{t('query.historyViews')}</legend>
        {(['list', 'statistics'] as const).map((each) => (
          <button
            key={each}
            type="button"
            className="segment"
            aria-pressed={each === part}
            onClick={() => setPart(each)}
          >
            {t(each === 'list' ? 'query.historyList' : 'query.statistics')}
          </button>
        ))}
      </fieldset>
      {part === 'list' ? (
        <List place={place} ran={ran} onOpen={onOpen} onRun={onRun} />
      ) : (
        <Statistics place={place} ran={ran} onOpen={onOpen} />
      )}
    </aside>
  );
}

function List({ place, ran, onOpen, onRun }: Omit<HistoryProps, 'onClose'>) {
  const [typed, setTyped] = useState('');
  const [only, setOnly] = useState<Filter>('mine');
  const [limit, setLimit] = useState(atOnce);
  const text = useDeferredValue(typed.trim());
  const history = useCall('query.history', { ...place, text, only, limit });
  const [kept, setKept] = useState<QueryHistory>();
  const { data, reload } = history;
  useEffect(() => {
    if (data) setKept(data);
  }, [data]);
  useEffect(() => {
    if (ran > 0) reload();
  }, [ran, reload]);
  return (
    <>
      <TextField label={t('query.historySearch')} type="search" value={typed} onChange={setTyped} />
      <SelectField
        label={t('query.historyOnly')}
        value={only}
        onChange={(value) => setOnly(value as Filter)}
        options={filters.map((value) => ({ value, label: t(`query.only.${value}`) }))}
      />
      {/* The last list stays until the next one is there, so that typing does not empty the panel. */}
      <Loaded call={{ ...history, data: data ?? kept }}>
        {({ queries, more }) =>
          queries.length === 0 ? (
            <p className="muted">
              {t(text === '' && only === 'mine' ? 'query.historyEmpty' : 'query.historyNothing')}
            </p>
          ) : (
            <>
              <ul className="query-past">
                {queries.map((past) => (
                  <Past key={past.id} past={past} onOpen={onOpen} onRun={onRun} onChanged={reload} />
                ))}
              </ul>
              {more && limit < mostAtOnce && (
                <Button small onClick={() => setLimit(Math.min(mostAtOnce, limit + 2 * atOnce))}>
                  {t('query.historyMore')}
                </Button>
              )}
            </>
          )
        }
      </Loaded>
    </>
  );
}

const tones: Record<PastQuery['outcome'], Tone> = {
  running: 'info',
  done: 'ok',
  stopped: 'muted',
  refused: 'warn',
  failed: 'bad',
  cancelled: 'muted',
};
const icons = {
  running: 'clock',
  done: 'checkCircle',
  stopped: 'stop',
  refused: 'shield',
  failed: 'failed',
  cancelled: 'close',
} as const;

/** A name for a query that has none: how it begins. */
export const shortOf = ({ name, sql }: Pick<PastQuery, 'name' | 'sql'>): string =>
  name ?? sql.replace(/\s+/g, ' ').trim().slice(0, 80);

interface PastProps {
  readonly past: PastQuery;
  readonly onOpen: (past: PastQuery) => void;
  readonly onRun: (past: PastQuery) => void;
  readonly onChanged: () => void;
}

function Past({ past, onOpen, onRun, onChanged }: PastProps) {
  const [naming, setNaming] = useState(false);
  const keep = useAction(
    (client, signal, change: { name?: string | null; isPinned?: boolean; isShared?: boolean }) =>
      client.query.keep({ id: past.id, ...change }, { signal }),
  );
  const forget = useAction((client, signal) => client.query.forget({ id: past.id }, { signal }));
  const then = async (done: Promise<unknown>): Promise<void> => {
    if ((await done) !== undefined) onChanged();
  };
  const short = shortOf(past);
  const error = keep.error ?? forget.error;
  const own = [
    { label: t('query.rename'), icon: 'edit' as const, onSelect: () => setNaming(true) },
    {
      label: t(past.isPinned ? 'query.unpinPast' : 'query.pinPast'),
      icon: 'pin' as const,
      onSelect: () => void then(keep.run({ isPinned: !past.isPinned })),
    },
    {
      label: t(past.isShared ? 'query.unshare' : 'query.share'),
      icon: 'user' as const,
      onSelect: () => void then(keep.run({ isShared: !past.isShared })),
    },
    {
      label: t('query.forget'),
      icon: 'trash' as const,
      danger: true,
      onSelect: () => void then(forget.run()),
    },
  ];
  return (
    <li>
      <div className="query-past-line">
        <button
          type="button"
          className="query-past-open"
          title={past.sql.slice(0, 600)}
          onClick={() => onOpen(past)}
        >
          {past.name !== null && <strong>{past.name}</strong>}
          <span className="code" translate="no">
            {past.sql.replace(/\s+/g, ' ').trim().slice(0, 160)}
          </span>
        </button>
        <RowMenu
          label={t('query.historyMenu', { name: short })}
          entries={[
            { label: t('query.historyRun'), icon: 'play', onSelect: () => onRun(past) },
            { label: t('query.open'), icon: 'external', onSelect: () => onOpen(past) },
            ...(past.isMine ? own : []),
          ]}
        />
      </div>
      <p className="query-past-facts">
        <Status tone={tones[past.outcome]} icon={icons[past.outcome]}>
          {t(`query.outcome.${past.outcome}`)}
        </Status>
        <Time at={past.at} />
        {past.ms !== null && <span className="number">{formatDuration(past.ms)}</span>}
        {past.rows !== null && <span className="number">{t('query.rows', { count: past.rows })}</span>}
        {past.code !== null && (
          <span className="code" translate="no">
            {past.code}
          </span>
        )}
        {!past.isMine && <span>{t('query.by', { name: past.personName })}</span>}
        {past.way !== 'window' && <span>{t(`query.way.${past.way}`)}</span>}
        {past.isPinned && <span>{t('query.isPinned')}</span>}
        {past.isShared && <span>{t('query.isShared')}</span>}
        {!past.hasLiterals && <span>{t('query.noLiterals')}</span>}
      </p>
      {error && <ErrorNotice error={error} urgent />}
      {naming && (
        <NameDialog
          title={t('query.renameTitle')}
          value={past.name ?? ''}
          onClose={() => setNaming(false)}
          onName={(name) => {
            setNaming(false);
            void then(keep.run({ name: name === '' ? null : name }));
          }}
        />
      )}
    </li>
  );
}

function Statistics({ place, ran, onOpen }: Pick<HistoryProps, 'place' | 'ran' | 'onOpen'>) {
  const call = useCall('query.statistics', place);
  const { reload } = call;
  useEffect(() => {
    if (ran > 0) reload();
  }, [ran, reload]);
  return (
    <Loaded call={call}>
      {({ slowest, tables, queries, failed }) => (
        <>
          <p className="muted">{t('query.statsLead', { count: queries, failed: formatNumber(failed) })}</p>
          {slowest.length > 0 && (
            <section className="query-stats" aria-label={t('query.slowest')}>
              <h3>{t('query.slowest')}</h3>
              <ol>
                {slowest.map((past) => (
                  <li key={past.id}>
                    <button type="button" className="query-past-open" onClick={() => onOpen(past)}>
                      <span className="code" translate="no">
                        {shortOf(past)}
                      </span>
                    </button>
                    <span className="number">{past.ms === null ? '' : formatDuration(past.ms)}</span>
                  </li>
                ))}
              </ol>
            </section>
          )}
          {tables.length > 0 && (
            <section className="query-stats" aria-label={t('query.usedTables')}>
              <h3>{t('query.usedTables')}</h3>
              <ol>
                {tables.map(({ table, queries: times }) => (
                  <li key={table}>
                    <span className="code" translate="no">
                      {table}
                    </span>
                    <span className="number">{t('query.usedTimes', { count: times })}</span>
                  </li>
                ))}
              </ol>
            </section>
          )}
        </>
      )}
    </Loaded>
  );
}
