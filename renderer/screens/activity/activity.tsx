import { useEffect, useRef, useState } from 'react';
import { useAccess } from '../../access.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Empty, Loaded, Page } from '../../components/page.tsx';
import { t } from '../../i18n/index.ts';
import type { Route } from '../../router.ts';
import { Entries } from './entries.tsx';
import { ExportActivity } from './export.tsx';
import { Filters, filterOf, noFilter, type TypedFilter, useSettled } from './filter.tsx';
import { useNames } from './subjects.ts';
import { TrimActivity } from './trim.tsx';
import { pageOfEntries, useEntries } from './use-entries.ts';
import { useVerification, VerifyButton, VerifyResult } from './verify.tsx';

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
  const room = useRef<HTMLDivElement>(null);
  const narrow = (change: Partial<TypedFilter>): void => {
    setTyped({ ...typed, ...change });
    // What was pressed may be gone with the list; the way back is at hand.
    requestAnimationFrame(() => room.current?.querySelector<HTMLElement>('[data-clear]')?.focus());
  };
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
      <div className="stack" ref={room}>
        <Filters typed={typed} names={names} onChange={setTyped} />
        <Pages key={JSON.stringify(filter)} filter={filter} names={names} onNarrow={narrow} />
      </div>
      {trimming && <TrimActivity onClose={() => setTrimming(false)} />}
      {exporting && <ExportActivity filter={filter} onClose={() => setExporting(false)} />}
    </Page>
  );
}

interface PagesProps {
  readonly filter: ReturnType<typeof filterOf>;
  readonly names: ReadonlyMap<string, string>;
  readonly onNarrow: (change: Partial<TypedFilter>) => void;
}

/** The entries that fit, and the way to older ones. */
function Pages({ filter, names, onNarrow }: PagesProps) {
  const entries = useEntries(filter);
  const { hasMore, more, reading, moreError } = entries;
  const count = entries.data?.length ?? 0;
  const room = useRef<HTMLDivElement>(null);
  /** How many there were when more were asked for. */
  const asked = useRef<number | null>(null);
  const showMore = (): void => {
    asked.current = count;
    more();
  };
  // With the oldest the button goes: the reading goes on at the first of those that came.
  useEffect(() => {
    if (hasMore || asked.current === null || count <= asked.current) return;
    const first = entries.data?.[asked.current];
    asked.current = null;
    room.current?.querySelector<HTMLElement>(`tr[data-entry="${first?.seq}"] [data-token]`)?.focus();
  }, [hasMore, count, entries.data]);
  return (
    <div className="stack activity-pages" ref={room}>
      <Loaded call={entries} rows={8}>
        {(shown) =>
          shown.length > 0 ? (
            <Entries entries={shown} names={names} onNarrow={onNarrow} />
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
      {moreError && <ErrorNotice error={moreError} urgent />}
      {/* Outside of what is read anew: the button that was pressed keeps the focus. */}
      <div className="actions pager">
        <p className="muted" role="status">
          {count === 0 ? '' : t('activity.count', { count })}
          {count > pageOfEntries && !hasMore && ` ${t('activity.noOlder')}`}
        </p>
        {hasMore && (
          <Button small busy={reading} onClick={showMore}>
            {t('filter.showMore')}
          </Button>
        )}
      </div>
    </div>
  );
}
