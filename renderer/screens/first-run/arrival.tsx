import { useEffect } from 'react';
import type { Dataset, LandedTable } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useCall } from '../../api.ts';
import { JobProgress } from '../../components/data/job-progress.tsx';
import { NextStep } from '../../components/data/put-right.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Icon } from '../../components/icons.tsx';
import { Loaded, Page } from '../../components/page.tsx';
import { formatNumber } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { go, href } from '../../router.ts';
import type { Watched } from '../../watch/dataset-state.ts';
import { useWatched } from '../../watch/use-watched.tsx';

/** The form that most was entered in: what somebody wants to see first. Repeats within forms count by their position. */
export function biggestForm(tables: readonly LandedTable[]): LandedTable | undefined {
  const byRows = [...tables].sort((a, b) => b.rows - a.rows);
  const forms = byRows.filter(({ columns }) => {
    const has = (name: string): boolean => columns.some((column) => column.name === name);
    return has('form_id') && !has('position');
  });
  return forms[0] ?? byRows[0];
}

/** A project whose first sync runs: its numbers while they come in, then what is there. */
export function Arrival({ projectId }: { projectId: string }) {
  const links = useWatched(projectId);
  const sample = useCall('demo.state', {}).data;
  const isSample = sample?.projectId === projectId;
  // The one that was added last is the one that is waited for.
  const watched = links.data?.toSorted((a, b) => b.link.createdAt.localeCompare(a.link.createdAt))[0];
  const dataset = watched?.dataset ?? null;
  const isThere = dataset !== null && dataset.dataAsOf !== null;
  const tables = useCall('datasets.tables', isThere ? { id: dataset.id } : null).data;
  const biggest = tables && biggestForm(tables);
  const datasetId = dataset?.id;
  useEffect(() => {
    // Whoever tries it wants to see data; nothing more has to be decided.
    if (isSample && datasetId !== undefined && biggest) go(href('data', datasetId, biggest.name), true);
  }, [isSample, datasetId, biggest]);
  return (
    <Page
      title={watched?.link.projectName ?? t('arrival.title')}
      lead={isThere ? undefined : t('arrival.lead')}
    >
      <Loaded call={links}>
        {() =>
          !watched ? (
            <p>{t('arrival.nothing')}</p>
          ) : isThere && tables ? (
            <There dataset={dataset} tables={tables} biggest={biggest} />
          ) : (
            <UnderWay watched={watched} />
          )
        }
      </Loaded>
    </Page>
  );
}

function UnderWay({ watched }: { watched: Watched }) {
  const { dataset } = watched;
  const job = dataset?.job ?? null;
  if (job) return <JobProgress job={job} />;
  return (
    <>
      {dataset?.error && <ErrorNotice error={dataset.error} />}
      <p className="actions">
        <NextStep watched={watched} primary />
      </p>
    </>
  );
}

interface ThereProps {
  readonly dataset: Dataset;
  readonly tables: readonly LandedTable[];
  readonly biggest: LandedTable | undefined;
}

function There({ dataset, tables, biggest }: ThereProps) {
  const access = useAccess();
  const rows = tables.reduce((sum, each) => sum + each.rows, 0);
  return (
    <section className="arrival" aria-label={t('arrival.title')}>
      <p className="arrival-sentence tone-ok" role="status">
        <Icon name="checkCircle" size={20} />
        <span>{t('arrival.there', { count: tables.length, rows: formatNumber(rows) })}</span>
      </p>
      <p className="actions">
        {biggest && access.may('read_data') && (
          <a className="button button-primary" href={href('data', dataset.id, biggest.name)}>
            <Icon name="table" />
            <span>{t('arrival.look', { name: titleOf(biggest) })}</span>
          </a>
        )}
        {access.may('manage_people') && (
          <a className="button button-plain" href={href('people')}>
            <Icon name="user" />
            <span>{t('arrival.invite')}</span>
          </a>
        )}
        <a className="button button-quiet" href={href('projects', dataset.projectId)}>
          {t('arrival.project')}
        </a>
      </p>
    </section>
  );
}

/** A form is called what it is called in the application, where its comment says so. */
const titleOf = ({ name, comment }: LandedTable): string => {
  const at = comment?.indexOf(' (http') ?? -1;
  return comment && at > 0 ? comment.slice(0, at) : name;
};
