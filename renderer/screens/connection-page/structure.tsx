import { useDeferredValue, useMemo, useState } from 'react';
import type {
  ConnectionDetail,
  Structure,
  StructureChange,
  StructureTable,
} from '../../../preload/contract/models.ts';
import { useAction, useCall } from '../../api.ts';
import { Breakable } from '../../components/breakable.tsx';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { TextField } from '../../components/fields.tsx';
import { Card, Empty, Loaded } from '../../components/page.tsx';
import { Tag } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { formatNumber } from '../../format.ts';
import { t } from '../../i18n/index.ts';

/** More names than this in the list at once are no help; a word typed makes it short. */
const mostListed = 200;

interface Place {
  readonly schema: string;
  readonly table: StructureTable;
}

/** What is in the database behind a connection: read now, or remembered with its age. */
export function StructurePanel({ connection }: { connection: ConnectionDetail }) {
  const known = useCall('connections.structure', { id: connection.id });
  const refresh = useAction((client, signal) =>
    client.connections.structure({ id: connection.id, refresh: true }, { signal }),
  );
  const [fresh, setFresh] = useState<Structure | null>(null);
  const read = async () => {
    const answer = await refresh.run();
    if (answer) setFresh(answer);
  };
  const action = refresh.busy ? (
    <Button small icon="stop" onClick={refresh.cancel}>
      {t('structure.cancel')}
    </Button>
  ) : (
    <Button small icon="sync" onClick={() => void read()}>
      {t('structure.readAgain')}
    </Button>
  );
  return (
    <Card title={t('structure.title')} action={action}>
      <div className="stack">
        {refresh.error && <ErrorNotice error={refresh.error} urgent />}
        {/* What is remembered in this window may be of another database: the core is asked before it is shown. */}
        <Loaded call={{ ...known, data: fresh ?? (known.loading ? undefined : known.data) }} rows={6}>
          {(structure) => <Content structure={structure} />}
        </Loaded>
      </div>
    </Card>
  );
}

function Content({ structure }: { structure: Structure }) {
  const places = useMemo(
    () =>
      structure.schemas.flatMap(({ name, tables }) =>
        tables.map((table): Place => ({ schema: name, table })),
      ),
    [structure],
  );
  return (
    <>
      {structure.warning && <ErrorNotice error={structure.warning} stillWorks={t('structure.fromMemory')} />}
      <p className="muted">
        <Time at={structure.at} form="moment" say={(time) => t('structure.asOf', { time })} />
        {' · '}
        {t('structure.tables', { count: places.length })}
      </p>
      {structure.cut && <p className="muted">{t('structure.cut', { count: places.length })}</p>}
      <Changes structure={structure} />
      {places.length === 0 ? (
        <Empty icon="table" title={t('structure.emptyTitle')}>
          {t('structure.emptyText')}
        </Empty>
      ) : (
        <Tables places={places} />
      )}
    </>
  );
}

function changeText({ kind, schema, table, column, before, after }: StructureChange): string {
  const values = {
    schema,
    table: table ?? '',
    column: column ?? '',
    before: before ?? '',
    after: after ?? '',
  };
  return t(`structure.change.${kind}`, values);
}

function Changes({ structure }: { structure: Structure }) {
  const { changes, changesSince } = structure;
  if (changes.length === 0 || changesSince === null) return null;
  return (
    <details className="moving-changes">
      <summary>
        <Time
          at={changesSince}
          form="moment"
          say={(time) => t('structure.changes', { count: changes.length, time })}
        />
      </summary>
      <ul className="plain-list">
        {changes.slice(0, mostListed).map((change) => (
          <li key={changeText(change)} translate="no">
            {changeText(change)}
          </li>
        ))}
      </ul>
      {changes.length > mostListed && (
        <p className="muted">{t('structure.firstChanges', { count: mostListed })}</p>
      )}
    </details>
  );
}

function Tables({ places }: { places: readonly Place[] }) {
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState<Place | null>(null);
  // Typing stays quick however many tables there are.
  const text = useDeferredValue(typed).trim().toLowerCase();
  const found = useMemo(() => {
    const has = ({ schema, table }: Place): boolean =>
      `${schema}.${table.name}`.toLowerCase().includes(text) ||
      table.columns.some(({ name }) => name.toLowerCase().includes(text));
    return text === '' ? places : places.filter(has);
  }, [places, text]);
  const shown = chosen !== null && found.includes(chosen) ? chosen : found[0];
  return (
    <>
      <TextField label={t('structure.search')} type="search" value={typed} onChange={setTyped} />
      <div className="moving-structure">
        <nav className="moving-tables" aria-label={t('structure.tablesNav')}>
          <p className="muted" role="status">
            {t('structure.tables', { count: found.length })}
          </p>
          {found.length > mostListed && (
            <p className="muted">{t('structure.first', { count: mostListed })}</p>
          )}
          <ul>
            {found.slice(0, mostListed).map((place) => (
              <li key={`${place.schema}.${place.table.name}`}>
                <button
                  type="button"
                  className="moving-table"
                  aria-current={place === shown ? 'true' : undefined}
                  onClick={() => setChosen(place)}
                  translate="no"
                >
                  <Breakable text={`${place.schema}.${place.table.name}`} />
                </button>
              </li>
            ))}
          </ul>
        </nav>
        {shown && <Table place={shown} text={text} />}
      </div>
    </>
  );
}

function Table({ place: { schema, table }, text }: { place: Place; text: string }) {
  const name = `${schema}.${table.name}`;
  return (
    <section className="moving-detail" aria-label={name}>
      <h3 className="with-tag">
        <span className="code" translate="no">
          <Breakable text={name} />
        </span>
        <Tag>{t(`structure.kind.${table.kind}`)}</Tag>
      </h3>
      <p className="muted">
        {table.rows === null
          ? t('structure.rowsUnknown')
          : t('structure.rows', { rows: formatNumber(table.rows) })}
        {table.primaryKey.length > 0 && (
          <>
            {' · '}
            <span translate="no">{t('structure.keyOf', { columns: table.primaryKey.join(', ') })}</span>
          </>
        )}
      </p>
      {table.comment !== null && <p>{table.comment}</p>}
      {table.foreignKeys.length > 0 && (
        <ul className="plain-list" translate="no">
          {table.foreignKeys.map((key) => {
            const line = t('structure.references', {
              columns: key.columns.join(', '),
              table: key.references,
              referenced: key.referenced.join(', '),
            });
            return <li key={line}>{line}</li>;
          })}
        </ul>
      )}
      <div className="table-wrap">
        <table className="table table-stack" aria-label={name}>
          <thead>
            <tr>
              <th scope="col">{t('structure.column')}</th>
              <th scope="col">{t('structure.type')}</th>
              <th scope="col">{t('structure.required')}</th>
              <th scope="col">{t('structure.comment')}</th>
            </tr>
          </thead>
          <tbody>
            {table.columns.map((column) => (
              <tr
                key={column.name}
                className={text !== '' && column.name.toLowerCase().includes(text) ? 'shown' : undefined}
              >
                <th scope="row" className="code" translate="no">
                  <Breakable text={column.name} />
                </th>
                <td data-label={t('structure.type')} className="code" translate="no">
                  {column.type}
                </td>
                <td data-label={t('structure.required')}>
                  {column.nullable ? t('structure.no') : t('structure.yes')}
                </td>
                <td data-label={t('structure.comment')} className="cell-wrap">
                  {column.comment ?? ''}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
