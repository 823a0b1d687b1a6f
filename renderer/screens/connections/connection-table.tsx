import { memo, useCallback, useEffect, useRef, useState } from 'react';
import { engineTraits } from '../../../preload/contract/engines.ts';
import type { Connection } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Breakable } from '../../components/breakable.tsx';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { RowMenu } from '../../components/menu.tsx';
import { Tag } from '../../components/status.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { formatList } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { sentence } from '../../i18n/sentence.ts';
import { useLanguage } from '../../language.tsx';
import { go, href } from '../../router.ts';
import { type FixField, secretField } from './fixes.ts';
import {
  EnvironmentTag,
  FirstTest,
  HealthFacts,
  HealthStatus,
  manageBlocked,
  notChecked,
  testBlocked,
} from './health.tsx';
import { Fix, Recent, RecentProvider, useRecent } from './recent.tsx';
import { DeleteConnection, DuplicateConnection } from './row-dialogs.tsx';

/** So many projects are named in a row; the page of the connection names all. */
const namedProjects = 3;

type Selected = ReadonlySet<string>;

interface TableProps {
  /** Those that fail, first; empty where the order is by name alone. */
  readonly attention: readonly Connection[];
  readonly others: readonly Connection[];
  readonly selected: Selected;
  readonly onSelect: (selected: Selected) => void;
  /** With the field that puts right what broke, where one comes for that. */
  readonly onEdit: (connection: Connection, at?: FixField) => void;
}

export function ConnectionTable({ attention, others, selected, onSelect, onEdit }: TableProps) {
  const shown = [...attention, ...others];
  const latest = useRef({ selected, onSelect, onEdit });
  latest.current = { selected, onSelect, onEdit };
  // The same for every row and for good, so that pressing one box draws one row.
  const select = useCallback((ids: readonly string[], on: boolean) => {
    const next = new Set(latest.current.selected);
    for (const id of ids) {
      if (on) next.add(id);
      else next.delete(id);
    }
    latest.current.onSelect(next);
  }, []);
  const edit = useCallback(
    (connection: Connection, at?: FixField) => latest.current.onEdit(connection, at),
    [],
  );
  const recent = useRecent(shown.map(({ id }) => id));
  const grouped = attention.length > 0 && others.length > 0;
  const row = (connection: Connection) => (
    <Row
      key={connection.id}
      connection={connection}
      selected={selected.has(connection.id)}
      onSelect={select}
      onEdit={edit}
    />
  );
  return (
    <RecentProvider value={recent}>
      <div className="table-wrap">
        <table className="table table-stack connection-table">
          <thead>
            <tr>
              <th scope="col" className="cell-check">
                <SelectAll
                  all={shown.length > 0 && shown.every(({ id }) => selected.has(id))}
                  some={shown.some(({ id }) => selected.has(id))}
                  onChange={(on) =>
                    select(
                      shown.map(({ id }) => id),
                      on,
                    )
                  }
                />
              </th>
              <th scope="col">{t('connections.name')}</th>
              <th scope="col">{t('connections.status')}</th>
              <th scope="col">{t('connections.address')}</th>
              <th scope="col">{t('connections.usedBy')}</th>
              <th scope="col" className="cell-actions">
                <span className="visually-hidden">{t('table.actions')}</span>
              </th>
            </tr>
          </thead>
          {attention.length > 0 && (
            <tbody>
              {grouped && <GroupTitle text={t('filter.attention')} />}
              {attention.map(row)}
            </tbody>
          )}
          <tbody>
            {grouped && <GroupTitle text={t('filter.byName')} />}
            {others.map(row)}
          </tbody>
        </table>
      </div>
    </RecentProvider>
  );
}

function GroupTitle({ text }: { text: string }) {
  return (
    <tr className="group-title">
      <th scope="rowgroup" colSpan={6}>
        {text}
      </th>
    </tr>
  );
}

interface SelectAllProps {
  readonly all: boolean;
  readonly some: boolean;
  readonly onChange: (on: boolean) => void;
}

function SelectAll({ all, some, onChange }: SelectAllProps) {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current) box.current.indeterminate = some && !all;
  }, [some, all]);
  return (
    <span className="check-target">
      <input
        ref={box}
        type="checkbox"
        aria-label={t('select.shown')}
        checked={all}
        onChange={(event) => onChange(event.target.checked)}
      />
    </span>
  );
}

interface RowProps {
  readonly connection: Connection;
  readonly selected: boolean;
  readonly onSelect: (ids: readonly string[], on: boolean) => void;
  readonly onEdit: TableProps['onEdit'];
}

/** Every reading brings new objects, most of them with what was there before. */
function sameRow(a: RowProps, b: RowProps): boolean {
  return a.selected === b.selected && JSON.stringify(a.connection) === JSON.stringify(b.connection);
}

const Row = memo(function Row({ connection, selected, onSelect, onEdit }: RowProps) {
  useLanguage();
  const notify = useNotify();
  const [asking, setAsking] = useState<'delete' | 'duplicate' | null>(null);
  const test = useAction((client, signal) => client.connections.test({ id: connection.id }, { signal }));
  const { name } = connection;
  const blocked = manageBlocked(connection);
  const close = () => setAsking(null);
  const runTest = async () => {
    const result = await test.run();
    if (result?.ok) notify.done(t('connections.testedToast', { name }));
    else if (result?.error) notify.failed(result.error);
  };
  return (
    <tr className={selected ? 'selected' : undefined}>
      <td className="cell-check">
        <span className="check-target">
          <input
            type="checkbox"
            aria-label={t('select.one', { name })}
            checked={selected}
            onChange={(event) => onSelect([connection.id], event.target.checked)}
          />
        </span>
      </td>
      <th scope="row" className="cell-name">
        <span className="with-tag">
          <a href={href('connections', connection.id)}>{name}</a>
          <EnvironmentTag environment={connection.environment} />
          {connection.engine !== 'postgres' && <Tag>{engineTraits[connection.engine].title}</Tag>}
          {connection.readOnly && <Tag>{t('connections.readOnly')}</Tag>}
        </span>
        {connection.description !== '' && <span className="cell-note clamp">{connection.description}</span>}
        <Places connection={connection} />
      </th>
      <td data-label={t('connections.status')} className="cell-state">
        <HealthStatus connection={connection} testing={test.busy} />
        {!test.busy && connection.state === 'active' && (
          <>
            <HealthFacts health={connection.health} short />
            <FirstTest connection={connection} />
            {notChecked(connection) !== null && <span className="cell-note">{notChecked(connection)}</span>}
            {!connection.hasSecret && blocked === undefined && (
              <Button
                small
                icon="key"
                onClick={() => onEdit(connection, secretField(connection))}
                aria-label={t('connections.enterSecretOf', { name })}
              >
                {t('connections.enterSecret')}
              </Button>
            )}
            <Recent connection={connection} />
            {connection.health.message !== null && (
              <span
                className="cell-note clamp"
                title={sentence(connection.health.said, connection.health.message)}
              >
                {sentence(connection.health.said, connection.health.message)}
              </span>
            )}
            {blocked === undefined && <Fix connection={connection} onEdit={onEdit} />}
          </>
        )}
        {test.error && <ErrorNotice error={test.error} urgent />}
      </td>
      <td data-label={t('connections.address')} className="cell-code cell-address" translate="no">
        <Breakable text={`${connection.host}:${connection.port}/${connection.database}`} />
        {connection.ssh.length > 0 && (
          <span className="cell-note">
            {t('connections.via', { hosts: connection.ssh.map((hop) => hop.host).join(' → ') })}
          </span>
        )}
      </td>
      <td data-label={t('connections.usedBy')} className="cell-links">
        <UsedBy connection={connection} />
      </td>
      <td className="cell-actions">
        <div className="actions">
          {test.busy ? (
            <Button
              small
              icon="stop"
              onClick={test.cancel}
              aria-label={t('connections.cancelTestOf', { name })}
            >
              {t('action.cancel')}
            </Button>
          ) : (
            <Button
              small
              blocked={testBlocked(connection)}
              onClick={() => void runTest()}
              aria-label={t('connections.testOf', { name })}
            >
              {t('connections.test')}
            </Button>
          )}
          <RowMenu
            label={t('table.moreFor', { name })}
            entries={[
              {
                label: t('connections.open'),
                icon: 'chevronRight',
                onSelect: () => go(href('connections', connection.id)),
              },
              { label: t('action.edit'), icon: 'edit', blocked, onSelect: () => onEdit(connection) },
              {
                label: t('connections.duplicate'),
                icon: 'copy',
                blocked,
                onSelect: () => setAsking('duplicate'),
              },
              {
                label: t('action.delete'),
                icon: 'trash',
                danger: true,
                blocked,
                onSelect: () => setAsking('delete'),
              },
            ]}
          />
        </div>
        {asking === 'delete' && (
          <DeleteConnection
            connection={connection}
            onClose={close}
            onDeleted={() => onSelect([connection.id], false)}
          />
        )}
        {asking === 'duplicate' && <DuplicateConnection connection={connection} onClose={close} />}
      </td>
    </tr>
  );
}, sameRow);

/** Folder, tags, and what keeps others from using it. */
function Places({ connection: { folder, tags, access } }: { connection: Connection }) {
  const parts = [
    ...(folder === '' ? [] : [t('connections.folderOf', { folder })]),
    ...(tags.length === 0 ? [] : [formatList(tags)]),
    ...(access === 'granted' ? [t('connections.restricted')] : []),
  ];
  return parts.length === 0 ? null : <span className="cell-note">{parts.join(' · ')}</span>;
}

function UsedBy({ connection: { usedBy } }: { connection: Connection }) {
  if (usedBy.length === 0) return <span className="muted">{t('connections.unused')}</span>;
  const more = usedBy.length - namedProjects;
  return (
    <ul className="plain-list">
      {usedBy.slice(0, namedProjects).map((project) => (
        <li key={project.id}>
          <a className="clamp" href={href('projects', project.id)}>
            {project.name}
          </a>
        </li>
      ))}
      {more > 0 && <li className="muted">{t('connections.usedByMore', { count: more })}</li>}
    </ul>
  );
}
