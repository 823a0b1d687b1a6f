import { type ReactNode, useState } from 'react';
import type { Link } from '../../../preload/contract/models.ts';
import { recordCount } from '../../../preload/contract/records.ts';
import { useAccess } from '../../access.ts';
import { useCall } from '../../api.ts';
import { DropConfirm } from '../../components/data/drop-confirm.tsx';
import { StateBadges } from '../../components/data/freshness.tsx';
import { HeldNote } from '../../components/data/held-review.tsx';
import { JobProgress } from '../../components/data/job-progress.tsx';
import { KeepTables } from '../../components/data/keep-tables.tsx';
import { NextStep } from '../../components/data/put-right.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Switch } from '../../components/fields.tsx';
import { Icon, type IconName } from '../../components/icons.tsx';
import { Identifier } from '../../components/identifier.tsx';
import { RowMenu } from '../../components/menu.tsx';
import { Notice } from '../../components/notice.tsx';
import { useToldAction } from '../../components/toasts.tsx';
import { formatList, formatMoment, formatNumber, formatSchedule } from '../../format.ts';
import { useNow, useShown } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { href, hrefShowing } from '../../router.ts';
import { currentError, type Watched } from '../../watch/dataset-state.ts';
import { remarks } from '../../watch/state.ts';
import { connectedText, guardsText, signInWord } from './link-words.ts';

interface FlowProps {
  readonly watched: Watched;
  /** Another screen points at it. */
  readonly shown: boolean;
  readonly onEdit: () => void;
}

/** Which of the three places keeps it from going on. */
function placeOf({ state }: Watched): 'from' | 'when' | 'to' | null {
  if (state.need === 'reconnect' || state.need === 'signIn') return 'from';
  if (state.need === 'database') return 'to';
  return state.need !== null || state.doing === 'failed' || state.doing === 'held' ? 'when' : null;
}

/** One link as what it is: data that goes from somewhere, at some time, to somewhere. A trouble stands where it is. */
export function Flow({ watched, shown, onEdit }: FlowProps) {
  const card = useShown<HTMLLIElement>(shown);
  const now = useNow();
  const { link, dataset, state } = watched;
  const trouble = placeOf(watched);
  const runs = state.doing === 'running';
  const error = dataset && !dataset.job && dataset.signIn === 'valid' ? currentError(dataset) : null;
  return (
    <li ref={card} tabIndex={shown ? -1 : undefined} className={shown ? 'flow shown' : 'flow'}>
      <header className="flow-head">
        <h2>{link.sourceName}</h2>
        <StateBadges state={state} />
        <div className="actions">
          {dataset && <KeepTables dataset={dataset} of={link.sourceName} />}
          <NextStep watched={watched} primary={state.data === 'none'} />
          <LinkMenu link={link} onEdit={onEdit} />
        </div>
      </header>
      <ol className={runs ? 'flow-line flow-runs' : 'flow-line'}>
        <From watched={watched} bad={trouble === 'from'} />
        <When watched={watched} bad={trouble === 'when'} />
        <To watched={watched} bad={trouble === 'to'} />
      </ol>
      {!dataset?.job &&
        !error &&
        remarks(watched, now).map((said) => (
          <p className="muted" key={said}>
            {said}
          </p>
        ))}
      {error && <ErrorNotice error={error} />}
      {dataset && <HeldNote dataset={dataset} />}
      {dataset && <Notice dataset={dataset} />}
      {dataset?.job && <JobProgress job={dataset.job} />}
    </li>
  );
}

interface NodeProps {
  readonly icon: IconName;
  readonly label: string;
  readonly bad: boolean;
  readonly title: ReactNode;
  readonly children: ReactNode;
}

function Node({ icon, label, bad, title, children }: NodeProps) {
  return (
    <li className={bad ? 'flow-node tone-bad' : 'flow-node'}>
      <p className="flow-label">
        <Icon name={bad ? 'hand' : icon} size={14} />
        {label}
        {bad && <span className="visually-hidden">{t('project.trouble')}</span>}
      </p>
      <p className="flow-title">{title}</p>
      {children}
    </li>
  );
}

interface PlaceProps {
  readonly watched: Watched;
  readonly bad: boolean;
}

function From({ watched: { link, state }, bad }: PlaceProps) {
  const source = useCall('sources.list', {}).data?.find(({ id }) => id === link.sourceId);
  const types = useCall('sources.types', {}).data ?? [];
  const space = source ? Object.values(source.settings).filter((value) => value !== '') : [];
  // An ended sign-in that the dataset met counts, whatever the link's own says.
  const signIn = state.need === 'reconnect' ? 'expired' : link.signIn;
  return (
    <Node
      icon="source"
      label={t('project.from')}
      bad={bad}
      title={
        <a href={hrefShowing(link.sourceId, 'sources')}>
          {types.find(({ type }) => type === link.sourceType)?.title ?? link.sourceType}
          {space.length > 0 && (
            <span translate="no">
              {' · '}
              {space.join(' · ')}
            </span>
          )}
        </a>
      }
    >
      <p>{t(`links.mode.${link.credentialMode}`)}</p>
      <p className={signIn === 'valid' ? 'tone-text tone-ok' : 'tone-text tone-bad'}>
        <Icon name={signIn === 'valid' ? 'check' : 'hand'} size={14} />
        {signInWord({ signIn })}
      </p>
      {link.people !== null && <p className="muted">{connectedText(link.people)}</p>}
    </Node>
  );
}

/** More names than this are counted: some sources have twenty kinds of data, others a hundred forms. */
const namedDatasets = 4;

function datasetsOf({ syncConfig: { datasets } }: Link): string {
  if (datasets.length <= namedDatasets + 1) return formatList(datasets);
  const names = datasets.slice(0, namedDatasets).join(', ');
  return t('links.datasetsMore', { names, count: datasets.length - namedDatasets });
}

function When({ watched: { link, dataset }, bad }: PlaceProps) {
  const chosen = Object.keys(link.syncConfig.options).length;
  const blocked = useAccess().reason('manage_projects');
  const toggle = useToldAction((client, _signal, isActive: boolean) =>
    client.links.update({ id: link.id, isActive }),
  );
  const next = dataset?.outlook;
  return (
    <Node
      icon="clock"
      label={formatSchedule(link.schedule)}
      bad={bad}
      title={<span translate="no">{datasetsOf(link)}</span>}
    >
      {chosen > 0 && <p className="muted">{t('links.optionCount', { count: chosen })}</p>}
      <p>{guardsText(link)}</p>
      {link.isActive && next?.at != null && <Next at={next.at} />}
      <Switch
        label={t('links.active')}
        checked={link.isActive}
        disabled={blocked !== undefined || toggle.busy}
        onChange={(isActive) => void toggle.run(isActive)}
      />
    </Node>
  );
}

function Next({ at }: { readonly at: string }) {
  const now = useNow();
  return <p className="muted">{t('project.next', { time: formatMoment(at, now) })}</p>;
}

function To({ watched: { link, dataset }, bad }: PlaceProps) {
  const access = useAccess();
  const tables = dataset ? Object.keys(dataset.rowCounts).length : 0;
  return (
    <Node
      icon="database"
      label={t('project.to')}
      bad={bad}
      title={
        dataset ? (
          <Identifier
            text={dataset.schemaName}
            copyLabel={t('links.copySchema', { name: dataset.schemaName })}
          />
        ) : (
          <span className="muted">{t('project.noTables')}</span>
        )
      }
    >
      {dataset && dataset.dataAsOf !== null && (
        <p>{t('project.holds', { tables, records: formatNumber(recordCount(dataset.rowCounts)) })}</p>
      )}
      {link.syncConfig.readerRoles.length > 0 && (
        <p className="muted">{t('project.readers', { roles: formatList(link.syncConfig.readerRoles) })}</p>
      )}
      {dataset && dataset.dataAsOf !== null && access.may('read_data') && (
        <p className="flow-links">
          <a href={href('data', dataset.id)}>{t('project.openRows')}</a>
          <a
            href={href('dictionary', dataset.id)}
            aria-label={t('dictionary.openOf', { name: dataset.schemaName })}
          >
            {t('links.openDictionary')}
          </a>
        </p>
      )}
    </Node>
  );
}

function LinkMenu({ link, onEdit }: { readonly link: Link; readonly onEdit: () => void }) {
  const blocked = useAccess().reason('manage_projects');
  const [unlinking, setUnlinking] = useState(false);
  const name = link.sourceName;
  return (
    <>
      <RowMenu
        label={t('table.moreFor', { name })}
        entries={[
          { label: t('links.edit'), icon: 'edit', blocked, onSelect: onEdit },
          {
            label: t('links.unlink'),
            icon: 'trash',
            danger: true,
            blocked,
            onSelect: () => setUnlinking(true),
          },
        ]}
      />
      <DropConfirm
        open={unlinking}
        title={t('links.unlinkTitle', { name })}
        confirm={t('links.unlinkConfirm')}
        toast={t('links.unlinkedToast', { name })}
        remove={(client, dropSchemas) => client.links.delete({ id: link.id, dropSchemas })}
        onClose={() => setUnlinking(false)}
        onRemoved={() => setUnlinking(false)}
      >
        {t('links.unlinkText')}
      </DropConfirm>
    </>
  );
}
