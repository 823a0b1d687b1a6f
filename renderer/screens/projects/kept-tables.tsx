import { useId, useState } from 'react';
import type { KeptSchema } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction } from '../../api.ts';
import { Confirm } from '../../components/dialogs.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Identifier } from '../../components/identifier.tsx';
import { RowMenu } from '../../components/menu.tsx';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { t } from '../../i18n/index.ts';
import { totalRows } from '../../watch/state.ts';

/** Schemas that stay in a database though nothing refreshes them any more; nothing where there are none. */
export function KeptTables({ kept }: { kept: readonly KeptSchema[] }) {
  const heading = useId();
  if (kept.length === 0) return null;
  return (
    <section className="kept" aria-labelledby={heading}>
      <h2 id={heading}>{t('kept.title')}</h2>
      <p>{t('kept.lead')}</p>
      <ul className="stack">
        {kept.map((one) => (
          <Kept key={one.id} kept={one} />
        ))}
      </ul>
    </section>
  );
}

function Kept({ kept }: { kept: KeptSchema }) {
  const { id, schemaName, sourceName, projectName, connectionName, connectionId, personName } = kept;
  const notify = useNotify();
  const blocked = useAccess().reason('manage_projects');
  const [asking, setAsking] = useState<'drop' | 'forget' | null>(null);
  const remove = useAction((client, _signal, how: 'drop' | 'forget') => client.kept[how]({ id }));
  const run = async (how: 'drop' | 'forget'): Promise<void> => {
    if (await remove.run(how)) notify.done(t(`kept.${how}Toast`, { name: schemaName }));
  };
  const close = (): void => setAsking(null);
  return (
    <li className="card">
      <div className="card-header">
        <h3>{t('dataset.name', { project: projectName, source: sourceName })}</h3>
        <RowMenu
          label={t('table.moreFor', { name: schemaName })}
          entries={[
            ...(connectionId === null
              ? []
              : [
                  {
                    label: t('kept.drop'),
                    icon: 'trash' as const,
                    danger: true,
                    blocked,
                    onSelect: () => setAsking('drop'),
                  },
                ]),
            { label: t('kept.forget'), icon: 'close' as const, blocked, onSelect: () => setAsking('forget') },
          ]}
        />
      </div>
      <dl className="facts">
        <div>
          <dt>{t('links.schema')}</dt>
          <dd>
            <Identifier text={schemaName} copyLabel={t('links.copySchema', { name: schemaName })} />
          </dd>
        </div>
        <div>
          <dt>{t('projects.connection')}</dt>
          <dd>
            {connectionName}
            {connectionId === null && <span className="cell-note">{t('kept.noConnection')}</span>}
          </dd>
        </div>
        <div>
          <dt>{t('kept.data')}</dt>
          <dd>
            {kept.dataAsOf === null ? (
              t('kept.remains')
            ) : (
              <Time
                at={kept.dataAsOf}
                form="moment"
                say={(time) => t('kept.rowsAsOf', { count: totalRows(kept.rowCounts), time })}
              />
            )}
            {kept.replacedBy !== null && <span className="cell-note">{t('kept.goes')}</span>}
            {personName !== null && <span className="cell-note">{t('kept.of', { name: personName })}</span>}
          </dd>
        </div>
      </dl>
      {remove.error && <ErrorNotice error={remove.error} />}
      <Confirm
        open={asking === 'drop'}
        title={t('kept.dropTitle', { name: schemaName })}
        confirm={t('kept.dropConfirm')}
        danger
        busy={remove.busy}
        onClose={close}
        onConfirm={() => void run('drop').then(close)}
      >
        <p>{t('kept.dropText', { name: connectionName })}</p>
      </Confirm>
      <Confirm
        open={asking === 'forget'}
        title={t('kept.forgetTitle', { name: schemaName })}
        confirm={t('kept.forgetConfirm')}
        busy={remove.busy}
        onClose={close}
        onConfirm={() => void run('forget').then(close)}
      >
        <p>{t('kept.forgetText', { name: connectionName })}</p>
      </Confirm>
    </li>
  );
}
