import { JobProgress } from '../../components/data/job-progress.tsx';
import { Card, Empty, Loaded, Page } from '../../components/page.tsx';
import { t } from '../../i18n/index.ts';
import { go, href, type Route } from '../../router.ts';
import { useWatched } from '../../watch/use-watched.tsx';
import { Announce } from './announce.tsx';
import { Drawer } from './drawer.tsx';
import { LanesCard } from './lanes-card.tsx';
import { Review } from './review.tsx';
import { RunList } from './run-list.tsx';

/** `#/runs`, `#/runs/<job>`, `#/runs/<job>/review`: what runs and what ran, one of them, and what is held. */
export function Runs({ route }: { route: Route }) {
  const [, job, part] = route.parts;
  if (job !== undefined && part === 'review') return <Review jobId={job} />;
  return <Overview shown={job} of={route.query.get('dataset') ?? undefined} />;
}

function Overview({ shown, of }: { shown: string | undefined; of: string | undefined }) {
  const links = useWatched();
  const datasets = links.data?.flatMap(({ dataset }) => dataset ?? []) ?? [];
  const running = datasets.flatMap(({ job }) => job ?? []);
  return (
    <Page title={t('runs.title')} lead={t('runs.lead')}>
      <Announce jobs={running} />
      {running.length > 0 && (
        <Card title={t('sync.running')}>
          <div className="jobs">
            {running.map((job) => (
              <div key={job.id}>
                <h3 className="job-name">
                  <a href={href('runs', job.id)} data-run={job.id}>
                    {t('dataset.name', { project: job.projectName, source: job.sourceName })}
                  </a>
                </h3>
                <JobProgress job={job} />
              </div>
            ))}
          </div>
        </Card>
      )}
      <Loaded call={links}>
        {(list) =>
          list.length === 0 ? (
            <Empty
              icon="sync"
              title={t('sync.emptyTitle')}
              action={
                <a className="button button-primary" href={href('projects')}>
                  {t('sync.emptyAction')}
                </a>
              }
            >
              {t('sync.emptyText')}
            </Empty>
          ) : (
            <>
              <LanesCard links={list} shown={shown} />
              <RunList datasets={datasets} of={of} shown={shown} />
            </>
          )
        }
      </Loaded>
      {shown !== undefined && (
        <Drawer key={shown} jobId={shown} datasets={datasets} onClose={() => go(href('runs'))} />
      )}
    </Page>
  );
}
