import { useRef, useState } from 'react';
import type { AuditEntry } from '../../preload/contract/models.ts';
import { useAccess } from '../access.ts';
import { useCall } from '../api.ts';
import { Button } from '../components/button.tsx';
import type { IconName } from '../components/icons.tsx';
import { Empty, Loaded, Page } from '../components/page.tsx';
import { Status, type Tone } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import { t } from '../i18n/index.ts';
import type { Route } from '../router.ts';
import { ExportActivity } from './activity-export.tsx';
import { actionText, Filters, filterOf, noFilter, type TypedFilter, useSettled } from './activity-filter.tsx';
import { detailsText, entrySubject, useNames } from './activity-subjects.ts';
import { TrimActivity } from './activity-trim.tsx';
import { useVerification, VerifyButton, VerifyResult } from './activity-verify.tsx';

const look: Record<AuditEntry['outcome'], { tone: Tone; icon: IconName }> = {
  ok: { tone: 'ok', icon: 'check' },
  refused: { tone: 'warn', icon: 'lock' },
  failed: { tone: 'bad', icon: 'failed' },
};

/** So many entries are drawn at once; older ones are a page further. */
const pageOfEntries = 100;

export function Activity({ route }: { route: Route }) {
  const names = useNames();
  const [typed, setTyped] = useState<TypedFilter>(() => ({
    ...noFilter,
    person: route.query.get('person') ?? '',
    subject: route.query.get('subject') ?? '',
  }));
  const filter = filterOf(useSettled(typed), names);
  const [exporting, setExporting] = useState(false);
  const [trimming, setTrimming] = useState(false);
  const mayTrim = useAccess().reason('manage_vault');
  const verification = useVerification();
  return (
    <Page
      title={t('activity.title')}
      lead={t('activity.lead')}
      action={
        <>
          <VerifyButton verification={verification} />
          <Button onClick={() => setExporting(true)}>{t('activity.export')}</Button>
          <Button blocked={mayTrim} onClick={() => setTrimming(true)}>
            {t('activity.trim')}
          </Button>
        </>
      }
    >
      <VerifyResult verification={verification} />
      <div className="stack">
        <Filters typed={typed} names={names} onChange={setTyped} />
        <Pages key={JSON.stringify(filter)} filter={filter} names={names} />
      </div>
      {trimming && <TrimActivity onClose={() => setTrimming(false)} />}
      {exporting && <ExportActivity filter={filter} onClose={() => setExporting(false)} />}
    </Page>
  );
}

interface PagesProps {
  readonly filter: ReturnType<typeof filterOf>;
  readonly names: ReadonlyMap<string, string>;
}

/** One page of entries at a time. The log only grows at its new end, so an older page stays as it is. */
function Pages({ filter, names }: PagesProps) {
  /** For each page but the newest, the number that its entries come before. */
  const [befores, setBefores] = useState<readonly number[]>([]);
  const before = befores.at(-1);
  const list = useCall('audit.list', {
    ...filter,
    ...(before === undefined ? {} : { before }),
    // One more than is shown tells whether there are older ones.
    limit: pageOfEntries + 1,
  });
  const entries = list.data;
  const shown = entries?.slice(0, pageOfEntries) ?? [];
  const last = shown.at(-1);
  const older = entries === undefined ? null : entries.length > pageOfEntries ? last : undefined;
  const top = useRef<HTMLDivElement>(null);
  const turn = (to: readonly number[]) => {
    setBefores(to);
    top.current?.scrollIntoView({ block: 'start' });
  };
  return (
    <div className="stack activity-pages" ref={top}>
      <Loaded call={list} rows={8}>
        {() =>
          shown.length > 0 ? (
            <Entries entries={shown} names={names} />
          ) : Object.keys(filter).length === 0 ? (
            <Empty icon="activity" title={t('activity.emptyTitle')}>
              {t('activity.emptyText')}
            </Empty>
          ) : (
            <Empty icon="search" title={t('activity.noneTitle')}>
              {t('activity.noneText')}
            </Empty>
          )
        }
      </Loaded>
      {/* Outside of what is read anew: the button that was pressed keeps the focus. */}
      <div className="actions pager">
        <p className="muted" role="status">
          {shown.length === 0
            ? ''
            : t(older || before !== undefined ? 'activity.countOfPage' : 'activity.count', {
                count: shown.length,
              })}
        </p>
        {before !== undefined && (
          <>
            <Button small onClick={() => turn([])}>
              {t('activity.newest')}
            </Button>
            <Button small onClick={() => turn(befores.slice(0, -1))}>
              {t('activity.newer')}
            </Button>
          </>
        )}
        {(older || before !== undefined) && (
          <Button
            small
            busy={older === null}
            blocked={older === undefined ? t('activity.noOlder') : undefined}
            onClick={() => older && turn([...befores, older.seq])}
          >
            {t('activity.older')}
          </Button>
        )}
      </div>
    </div>
  );
}

interface EntriesProps {
  readonly entries: readonly AuditEntry[];
  readonly names: ReadonlyMap<string, string>;
}

function Entries({ entries, names }: EntriesProps) {
  return (
    <div className="table-wrap">
      <table className="table table-stack">
        <thead>
          <tr>
            <th scope="col">{t('activity.when')}</th>
            <th scope="col">{t('activity.person')}</th>
            <th scope="col">{t('activity.action')}</th>
            <th scope="col">{t('activity.subject')}</th>
            <th scope="col">{t('activity.outcome')}</th>
            <th scope="col">{t('activity.number')}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => {
            const details = detailsText(entry.details);
            return (
              <tr key={entry.seq}>
                <td data-label={t('activity.when')} className="cell-time">
                  <Time at={entry.at} form="moment" />
                </td>
                <td data-label={t('activity.person')}>{entry.person}</td>
                <td data-label={t('activity.action')}>
                  <span title={entry.action}>{actionText(entry.action)}</span>
                </td>
                <td data-label={t('activity.subject')} className="cell-wrap">
                  <span title={entry.subject}>{entrySubject(entry, names)}</span>
                  {details !== '' && <span className="cell-note">{details}</span>}
                </td>
                <td data-label={t('activity.outcome')}>
                  <Status {...look[entry.outcome]}>{t(`outcome.${entry.outcome}`)}</Status>
                </td>
                <td data-label={t('activity.number')} className="cell-number muted">
                  {entry.seq}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
