import { Dialog } from '@base-ui/react/dialog';
import { useRef } from 'react';
import type { Dataset, Job, RunDetail } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { IconButton } from '../../components/button.tsx';
import { CopyTextButton } from '../../components/copy.tsx';
import { ReviewHeld } from '../../components/data/held-review.tsx';
import { JobProgress } from '../../components/data/job-progress.tsx';
import { SyncNow } from '../../components/data/sync-now.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Loaded } from '../../components/page.tsx';
import { Status } from '../../components/status.tsx';
import { formatAbsolute, formatDuration, formatNumber } from '../../format.ts';
import { useLive, useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { sentence } from '../../i18n/sentence.ts';
import { hrefShowing } from '../../router.ts';
import { beganAt, deltaText, heldEnd, lookOf, startText, stateWord, tookMs } from '../../watch/run-look.ts';
import { useReceipt } from './receipt.ts';
import { RunLog } from './run-log.tsx';
import { Phases, TableDeltas } from './run-parts.tsx';

interface DrawerProps {
  readonly jobId: string;
  readonly datasets: readonly Dataset[];
  readonly onClose: () => void;
}

/** One run, beside the list that it is in: how it went, table by table, and what it said. */
export function Drawer({ jobId, datasets, onClose }: DrawerProps) {
  const run = useCall('syncs.get', { id: jobId });
  const live = useLive();
  const title = useRef<HTMLHeadingElement>(null);
  const detail = run.data && { ...run.data, job: live(run.data.job) };
  const name = detail
    ? t('dataset.name', { project: detail.job.projectName, source: detail.job.sourceName })
    : t('runs.one');
  // Where it was opened from: a line of the list, a bar, or nothing that is still there.
  const back = (): HTMLElement | true =>
    document.querySelector<HTMLElement>(`.run-table a[data-run="${CSS.escape(jobId)}"]`) ??
    document.querySelector<HTMLElement>('h1') ??
    true;
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="panel panel-wide run-drawer" initialFocus={title} finalFocus={back}>
          <div className="panel-form">
            <header className="panel-header">
              <div>
                <Dialog.Title className="panel-title" ref={title} tabIndex={-1}>
                  {name}
                </Dialog.Title>
                {detail && <Facts job={detail.job} datasets={datasets} />}
              </div>
              <Dialog.Close render={<IconButton icon="close" label={t('action.close')} />} />
            </header>
            <div className="panel-body">
              <Loaded call={{ ...run, data: detail }}>
                {(found) => <Body detail={found} datasets={datasets} />}
              </Loaded>
            </div>
            <footer className="panel-footer">
              {detail && <Actions detail={detail} datasets={datasets} />}
            </footer>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

const waitsIn = (job: Job, datasets: readonly Dataset[]): boolean =>
  datasets.some(({ held }) => held?.jobId === job.id);

function Facts({ job, datasets }: { job: Job; datasets: readonly Dataset[] }) {
  const now = useNow(1000);
  const waits = waitsIn(job, datasets);
  const took = tookMs(job, now);
  const delta = job.status === 'completed' || job.status === 'held' ? deltaText(job) : null;
  return (
    <p className="run-facts">
      <Status {...lookOf(job, waits)}>{stateWord(job, waits)}</Status>
      <time dateTime={beganAt(job)} title={formatAbsolute(beganAt(job))}>
        {startText(job, now)}
      </time>
      {took !== null && <span>{t('runs.took', { time: formatDuration(took) })}</span>}
      {delta !== null && job.records !== null && (
        <span>
          {t('sync.fetched', { count: job.records })}
          {job.recordsBefore !== null && ` (${delta})`}
        </span>
      )}
      <span>{t(`job.trigger.${job.trigger}`)}</span>
    </p>
  );
}

function Body({ detail, datasets }: { detail: RunDetail; datasets: readonly Dataset[] }) {
  const { job, facts } = detail;
  const now = useNow();
  const end = waitsIn(job, datasets) ? null : heldEnd(job, now);
  return (
    <>
      {job.finishedAt === null && <JobProgress job={job} />}
      {job.error && job.status === 'failed' && <ErrorNotice error={job.error} />}
      {end !== null && <p className="run-note">{end}</p>}
      {job.notice !== null && job.status === 'completed' && (
        <p className="run-note">{sentence(job.noticed, job.notice)}</p>
      )}
      <section aria-labelledby="run-phases">
        <h3 id="run-phases">{t('runs.phases')}</h3>
        {facts && facts.phases.length > 0 ? (
          <Phases facts={facts} job={job} />
        ) : (
          <p className="muted">{t('runs.noFacts')}</p>
        )}
        {facts && (
          <dl className="run-counts">
            <Count name={t('runs.requests')} value={formatNumber(facts.requests)} />
            <Count name={t('runs.retries')} value={formatNumber(facts.retries)} />
            <Count
              name={t('runs.waits')}
              value={
                facts.waits === 0
                  ? formatNumber(0)
                  : t('runs.waitsOf', { count: facts.waits, time: formatDuration(facts.waitedMs) })
              }
            />
          </dl>
        )}
        {facts?.deltas?.map((delta) => (
          <div key={delta.dataset}>
            <p className="run-note">{t('runs.delta', delta)}</p>
            <p className="muted">{t('runs.deltaMore', delta)}</p>
          </div>
        ))}
        {facts?.fellBack && (
          <p className="run-note">{t('runs.fellBack', { why: sentence(facts.fellBack) })}</p>
        )}
      </section>
      <TableDeltas detail={detail} />
      <RunLog job={job} />
    </>
  );
}

function Count({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="number">{value}</dd>
    </div>
  );
}

function Actions({ detail, datasets }: { detail: RunDetail; datasets: readonly Dataset[] }) {
  const { job } = detail;
  const receipt = useReceipt(detail);
  const dataset = datasets.find(({ id }) => id === job.datasetId);
  const of = t('dataset.name', { project: job.projectName, source: job.sourceName });
  const waits = waitsIn(job, datasets);
  const again =
    (job.status === 'failed' || job.status === 'cancelled') && dataset && !dataset.job && !dataset.held;
  return (
    <>
      {dataset && (
        <a className="run-project" href={hrefShowing(dataset.linkId, 'projects', dataset.projectId)}>
          {t('runs.toProject')}
        </a>
      )}
      <CopyTextButton text={receipt} label={t('runs.copyReceipt')} />
      {dataset && waits && <ReviewHeld dataset={dataset} primary />}
      {again && dataset.signIn === 'valid' && (
        <SyncNow linkId={dataset.linkId} of={of} dataset={dataset} primary again />
      )}
    </>
  );
}
