import type { Job } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { Empty } from '../../components/page.tsx';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { formatDuration, formatNumber } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { adviceOf, messageOf } from '../../i18n/sentence.ts';
import { href } from '../../router.ts';
import { deltaText, lookOf, stateWord } from '../../watch/run-look.ts';
import { fetchedRecords } from '../../watch/state.ts';
import { Flow } from './flow.tsx';
import type { TabProps } from './tab-props.ts';
import { TableList, useTables } from './table-list.tsx';

/** So many tables stand on the first page; the others are a tab away. */
const tablesShown = 12;
/** The core tells of the runs of so many datasets at once. */
const mostAsked = 100;

export function Overview({ project, links, onEdit, shown }: TabProps & { readonly shown: string | null }) {
  if (links.length === 0)
    return (
      <Empty icon="link" title={t('links.emptyTitle')}>
        {t('links.emptyText')}
      </Empty>
    );
  return (
    <>
      <ul className="stack">
        {links.map((each) => (
          <Flow
            key={each.link.id}
            watched={each}
            shown={each.link.id === shown}
            onEdit={() => onEdit(each.link)}
          />
        ))}
      </ul>
      <Below project={project} links={links} />
    </>
  );
}

/** What came of it: tables, and how the last run went. */
function Below({ project, links }: Pick<TabProps, 'project' | 'links'>) {
  const tables = useTables(project.id, links) ?? [];
  const datasetIds = links.flatMap(({ dataset }) => dataset?.id ?? []).slice(0, mostAsked);
  // Each of them has one open run at most: behind those is one that ended.
  const asked = datasetIds.length === 0 ? null : { datasetIds, limit: datasetIds.length + 1 };
  const last = useCall('syncs.list', asked).data?.find(({ finishedAt }) => finishedAt !== null);
  if (tables.length === 0 && !last) return null;
  return (
    <div className="project-below">
      {tables.length > 0 && (
        <section aria-labelledby="project-tables">
          <header className="section-head">
            <h2 id="project-tables">{t('project.tab.tables')}</h2>
            <a href={href('projects', project.id, 'tables')}>
              {t('project.allTables', { count: tables.length })}
            </a>
          </header>
          <TableList tables={tables.filter(({ depth }) => depth === 0).slice(0, tablesShown)} />
        </section>
      )}
      {last && <Receipt job={last} waits={links.some(({ dataset }) => dataset?.held?.jobId === last.id)} />}
    </div>
  );
}

/** How the last run went, in a few lines. */
function Receipt({ job, waits }: { readonly job: Job; readonly waits: boolean }) {
  const { startedAt, finishedAt, error } = job;
  return (
    <section aria-labelledby="project-run">
      <header className="section-head">
        <h2 id="project-run">{t('project.latestRun')}</h2>
        <a href={href('runs', job.id)}>{t('project.openRun')}</a>
      </header>
      <div className="receipt">
        <Status {...lookOf(job, waits)}>{stateWord(job, waits)}</Status>
        <p>
          <strong>{job.sourceName}</strong> <Time at={finishedAt ?? job.queuedAt} form="moment" />
        </p>
        {startedAt !== null && finishedAt !== null && (
          <p className="muted">
            {t('project.runTook', {
              time: formatDuration(Date.parse(finishedAt) - Date.parse(startedAt)),
              records: formatNumber(fetchedRecords(job)),
            })}{' '}
            {deltaText(job)}
          </p>
        )}
        {error && (
          <p>
            {messageOf(error)} {adviceOf(error)}
          </p>
        )}
      </div>
    </section>
  );
}
