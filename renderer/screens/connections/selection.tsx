import { useState } from 'react';
import type { Input } from '../../../preload/contract/methods.ts';
import { useAccess } from '../../access.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { t } from '../../i18n/index.ts';
import { BulkDialog, type BulkKind } from './bulk.tsx';
import { collectIds } from './test-all.ts';

interface SelectionProps {
  readonly selected: ReadonlySet<string>;
  readonly onChange: (selected: ReadonlySet<string>) => void;
  /** Of the list that is shown. */
  readonly total: number;
  readonly filter: Omit<Input<'connections.list'>, 'offset' | 'limit'>;
  readonly onTest: () => void;
  readonly onExport: () => void;
}

/** What can be done with those that are selected. */
export function Selection({ selected, onChange, total, filter, onTest, onExport }: SelectionProps) {
  const access = useAccess();
  const blocked = access.reason('manage_database_connections');
  const [asking, setAsking] = useState<BulkKind | null>(null);
  const all = useAction(async (client, signal) =>
    onChange(new Set(await collectIds(client, filter, signal))),
  );
  const bulk = (kind: BulkKind, label: string) => (
    <Button small blocked={blocked} onClick={() => setAsking(kind)}>
      {label}
    </Button>
  );
  return (
    <section className="selection" aria-label={t('select.count', { count: selected.size })}>
      <p className="selection-count" role="status">
        {t('select.count', { count: selected.size })}
      </p>
      {selected.size < total && (
        <Button small tone="quiet" busy={all.busy} onClick={() => void all.run()}>
          {t('select.all', { count: total })}
        </Button>
      )}
      <div className="actions">
        <Button small blocked={access.reason('use_connections')} onClick={onTest}>
          {t('connections.test')}
        </Button>
        {bulk('tags', t('select.tag'))}
        {bulk('folder', t('select.folder'))}
        {bulk('state', t('select.state'))}
        <Button small blocked={blocked} onClick={onExport}>
          {t('select.export')}
        </Button>
        <Button small tone="quiet" icon="close" onClick={() => onChange(new Set())}>
          {t('select.clear')}
        </Button>
      </div>
      {all.error && <ErrorNotice error={all.error} urgent />}
      {asking && <BulkDialog kind={asking} ids={[...selected]} onClose={() => setAsking(null)} />}
    </section>
  );
}
