import { useState } from 'react';
import type { Link } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction } from '../../api.ts';
import { DropConfirm } from '../../components/data/drop-confirm.tsx';
import { FreshnessText, StateBadges, WatchedText } from '../../components/data/freshness.tsx';
import { HeldNote } from '../../components/data/held-review.tsx';
import { JobProgress } from '../../components/data/job-progress.tsx';
import { KeepTables } from '../../components/data/keep-tables.tsx';
import { NextStep } from '../../components/data/put-right.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Switch } from '../../components/fields.tsx';
import { Identifier } from '../../components/identifier.tsx';
import { RowMenu } from '../../components/menu.tsx';
import { Notice } from '../../components/notice.tsx';
import { currentError, type Watched } from '../../dataset-state.ts';
import { formatList, formatNumber, formatSchedule } from '../../format.ts';
import { useShown } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';
import { totalRows } from '../../state.ts';

interface LinkCardProps {
  readonly watched: Watched;
  /** Another screen points at it. */
  readonly shown: boolean;
  readonly onEdit: () => void;
}

export function LinkCard({ watched, shown, onEdit }: LinkCardProps) {
  const card = useShown<HTMLLIElement>(shown);
  const access = useAccess();
  const [unlinking, setUnlinking] = useState(false);
  const blocked = access.reason('manage_projects');
  const { link, dataset, state } = watched;
  const toggle = useAction((client, _signal, isActive: boolean) =>
    client.links.update({ id: link.id, isActive }),
  );
  const name = t('dataset.name', { project: link.projectName, source: link.sourceName });
  const options = Object.keys(link.syncConfig.options).length;
  const rows = dataset ? totalRows(dataset.rowCounts) : 0;
  // Where the sign-in is what is missing, the state says so and the button beside it puts it right.
  const error = dataset && !dataset.job && dataset.signIn === 'valid' ? currentError(dataset) : null;
  return (
    <li ref={card} tabIndex={shown ? -1 : undefined} className={shown ? 'card shown' : 'card'}>
      <div className="card-header">
        <h2>{link.sourceName}</h2>
        <div className="actions">
          {dataset && <KeepTables dataset={dataset} of={name} />}
          <NextStep watched={watched} primary={state.data === 'none'} />
          <RowMenu
            label={t('table.moreFor', { name: link.sourceName })}
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
        </div>
      </div>
      <p className="card-state">
        <StateBadges state={state} />
        {/* A job and an error each have a place of their own below. */}
        {dataset && (dataset.job !== null || error !== null) ? (
          <FreshnessText dataset={dataset} onlyData />
        ) : (
          <WatchedText watched={watched} />
        )}
      </p>
      {error && <ErrorNotice error={error} />}
      {dataset && <HeldNote dataset={dataset} />}
      {dataset && <Notice dataset={dataset} />}
      {dataset?.job && <JobProgress job={dataset.job} />}
      <dl className="facts facts-five">
        <div>
          <dt>{t('links.mode')}</dt>
          <dd>
            {t(`links.mode.${link.credentialMode}`)}
            <span className="cell-note">{t(`links.modeHelp.${link.credentialMode}`)}</span>
            {link.people !== null && <Connected people={link.people} />}
          </dd>
        </div>
        <div>
          <dt>{t('links.datasets')}</dt>
          <dd>
            <span translate="no">{datasetsOf(link)}</span>
            {options > 0 && <span className="cell-note">{t('links.optionCount', { count: options })}</span>}
            {!link.syncConfig.guards && <span className="cell-note">{t('links.guardsOff')}</span>}
          </dd>
        </div>
        <div>
          <dt>{t('links.interval')}</dt>
          <dd>
            {formatSchedule(link.schedule)}
            <span className="cell-note">
              <Switch
                label={t('links.active')}
                checked={link.isActive}
                disabled={blocked !== undefined || toggle.busy}
                onChange={(isActive) => void toggle.run(isActive)}
              />
            </span>
          </dd>
        </div>
        {dataset && (
          <div>
            <dt>{t('links.schema')}</dt>
            <dd>
              <Identifier
                text={dataset.schemaName}
                copyLabel={t('links.copySchema', { name: dataset.schemaName })}
              />
              {dataset.dataAsOf !== null && (
                <span className="cell-note fact-links">
                  {!access.may('read_data') ? (
                    t('links.rows', { count: formatNumber(rows) })
                  ) : (
                    <>
                      <a href={href('data', dataset.id)}>{t('links.openRows', { count: rows })}</a>
                      <a
                        href={href('dictionary', dataset.id)}
                        aria-label={t('dictionary.openOf', { name: dataset.schemaName })}
                      >
                        {t('links.openDictionary')}
                      </a>
                    </>
                  )}
                </span>
              )}
            </dd>
          </div>
        )}
        {link.syncConfig.readerRoles.length > 0 && (
          <div>
            <dt>{t('links.readers')}</dt>
            <dd className="code" translate="no">
              {formatList(link.syncConfig.readerRoles)}
            </dd>
          </div>
        )}
      </dl>
      {toggle.error && <ErrorNotice error={toggle.error} urgent />}
      <Unlink link={link} open={unlinking} onClose={() => setUnlinking(false)} />
    </li>
  );
}

/** More names than this are counted: a project space has eleven kinds of data, Connect nearly twenty. */
const namedDatasets = 4;

function datasetsOf(link: Link): string {
  const { datasets } = link.syncConfig;
  if (datasets.length <= namedDatasets + 1) return formatList(datasets);
  const names = datasets.slice(0, namedDatasets).join(', ');
  return t('links.datasetsMore', { names, count: datasets.length - namedDatasets });
}

/** So many names are told of those who have not signed in. */
const namedMissing = 3;

function Connected({ people }: { people: NonNullable<Link['people']> }) {
  const { connected, missing } = people;
  const names = missing.slice(0, namedMissing);
  return (
    <span className="cell-note">
      {t('links.connected', { connected: connected.length, all: connected.length + missing.length })}
      {missing.length > 0 && ' · '}
      {missing.length > 0 &&
        (missing.length > namedMissing
          ? t('links.missingMore', { names: names.join(', '), count: missing.length - namedMissing })
          : t('links.missing', { names: formatList(names) }))}
    </span>
  );
}

function Unlink({ link, open, onClose }: { link: Link; open: boolean; onClose: () => void }) {
  const name = link.sourceName;
  return (
    <DropConfirm
      open={open}
      title={t('links.unlinkTitle', { name })}
      confirm={t('links.unlinkConfirm')}
      toast={t('links.unlinkedToast', { name })}
      remove={(client, dropSchemas) => client.links.delete({ id: link.id, dropSchemas })}
      onClose={onClose}
      onRemoved={onClose}
    >
      {t('links.unlinkText')}
    </DropConfirm>
  );
}
