import { useState } from 'react';
import type { Connection } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Breakable } from '../../components/breakable.tsx';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/dialogs.tsx';
import { ErrorCode, ErrorNotice } from '../../components/error-notice.tsx';
import { RowMenu } from '../../components/menu.tsx';
import { Status, Tag, type Tone } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { formatDuration } from '../../format.ts';
import { useShown } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';

export const environmentTone: Record<Connection['environment'], Tone> = {
  development: 'muted',
  staging: 'info',
  production: 'warn',
};

interface TableProps {
  readonly connections: readonly Connection[];
  readonly blocked: string | undefined;
  /** The one that another screen points at. */
  readonly shown: string | null;
  readonly onEdit: (connection: Connection) => void;
}

/** Failing ones first: they are why one comes here. */
export function ConnectionTable({ connections, blocked, shown, onEdit }: TableProps) {
  const rank = (each: Connection) => (each.lastTest === null ? 1 : each.lastTest.ok ? 2 : 0);
  const sorted = [...connections].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  return (
    <div className="table-wrap">
      <table className="table table-stack">
        <thead>
          <tr>
            <th scope="col">{t('connections.name')}</th>
            <th scope="col">{t('connections.status')}</th>
            <th scope="col">{t('connections.address')}</th>
            <th scope="col">{t('connections.usedBy')}</th>
            <th scope="col" className="cell-actions">
              <span className="visually-hidden">{t('table.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((connection) => (
            <Row
              key={connection.id}
              connection={connection}
              blocked={blocked}
              shown={connection.id === shown}
              onEdit={() => onEdit(connection)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  readonly connection: Connection;
  readonly blocked: string | undefined;
  readonly shown: boolean;
  readonly onEdit: () => void;
}

function Row({ connection, blocked, shown, onEdit }: RowProps) {
  const notify = useNotify();
  const row = useShown<HTMLTableRowElement>(shown);
  const [deleting, setDeleting] = useState(false);
  const test = useAction((client, signal) => client.connections.test({ id: connection.id }, { signal }));
  const remove = useAction((client) => client.connections.delete({ id: connection.id }));
  const confirmDelete = async () => {
    if (await remove.run()) {
      setDeleting(false);
      notify.done(t('connections.deleted', { name: connection.name }));
    }
  };
  const runTest = async () => {
    const result = await test.run();
    if (result?.ok) notify.done(t('connections.testedToast', { name: connection.name }));
  };
  return (
    <tr ref={row} tabIndex={shown ? -1 : undefined} className={shown ? 'shown' : undefined}>
      <th scope="row" className="cell-name">
        <span className="with-tag">
          {connection.name}
          <Tag tone={environmentTone[connection.environment]}>
            {t(`environment.${connection.environment}`)}
          </Tag>
        </span>
        {connection.description !== '' && <span className="cell-note">{connection.description}</span>}
      </th>
      <td data-label={t('connections.status')} className="cell-state">
        <ConnectionState connection={connection} testing={test.busy} open={shown} />
        {test.error && <ErrorNotice error={test.error} urgent />}
      </td>
      <td data-label={t('connections.address')} className="cell-code cell-address" translate="no">
        <Breakable text={`${connection.host}:${connection.port}/${connection.database}`} />
      </td>
      <td data-label={t('connections.usedBy')} className="cell-links">
        {connection.usedBy.length === 0 ? (
          <span className="muted">{t('connections.unused')}</span>
        ) : (
          <ul className="plain-list">
            {connection.usedBy.map((project) => (
              <li key={project.id}>
                <a href={href('projects', project.id)}>{project.name}</a>
              </li>
            ))}
          </ul>
        )}
      </td>
      <td className="cell-actions">
        <div className="actions">
          {test.busy ? (
            <Button
              small
              icon="stop"
              onClick={test.cancel}
              aria-label={t('connections.cancelTestOf', { name: connection.name })}
            >
              {t('action.cancel')}
            </Button>
          ) : (
            <Button
              small
              onClick={() => void runTest()}
              aria-label={t('connections.testOf', { name: connection.name })}
            >
              {t('connections.test')}
            </Button>
          )}
          <RowMenu
            label={t('table.moreFor', { name: connection.name })}
            entries={[
              { label: t('action.edit'), icon: 'edit', blocked, onSelect: onEdit },
              {
                label: t('action.delete'),
                icon: 'trash',
                danger: true,
                blocked,
                onSelect: () => setDeleting(true),
              },
            ]}
          />
        </div>
        <Confirm
          open={deleting}
          title={t('connections.deleteTitle', { name: connection.name })}
          confirm={t('connections.deleteConfirm')}
          danger
          busy={remove.busy}
          onClose={() => {
            setDeleting(false);
            remove.reset();
          }}
          onConfirm={() => void confirmDelete()}
        >
          <p>{t('connections.deleteText')}</p>
          {remove.error && (
            <ErrorNotice error={remove.error} urgent stillWorks={t('connections.nothingChanged')} />
          )}
        </Confirm>
      </td>
    </tr>
  );
}

interface StateProps {
  readonly connection: Connection;
  readonly testing: boolean;
  /** Shows what to do about a failure without a further press. */
  readonly open: boolean;
}

function ConnectionState({ connection, testing, open }: StateProps) {
  const last = connection.lastTest;
  if (testing) {
    return (
      <Status tone="info" icon="spinner">
        {t('connections.testing')}
      </Status>
    );
  }
  if (!last) {
    return (
      <Status tone="muted" icon="dashed">
        {t('connections.neverTested')}
      </Status>
    );
  }
  return (
    <>
      {last.ok ? (
        <Status
          tone={last.warnings.length > 0 ? 'warn' : 'ok'}
          icon={last.warnings.length > 0 ? 'warning' : 'checkCircle'}
        >
          {last.warnings.length > 0 ? t('connections.worksWarn') : t('connections.works')}
        </Status>
      ) : (
        <Status tone="bad" icon="failed">
          {t('connections.fails')}
        </Status>
      )}
      <span className="cell-note">
        <Time at={last.at} />
        {last.latencyMs !== null && (
          <span className="number dot-before">{formatDuration(last.latencyMs)}</span>
        )}
      </span>
      {last.warnings.map((warning) => (
        <span className="cell-note" key={warning}>
          {warning}
        </span>
      ))}
      {last.error && (
        <details className="cell-error" open={open}>
          <summary>{last.error.message}</summary>
          <p>{last.error.advice}</p>
          <ErrorCode error={last.error} />
        </details>
      )}
    </>
  );
}
