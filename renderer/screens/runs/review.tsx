import { useState } from 'react';
import type { Dataset, Held, Recount } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction, useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/dialogs.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { Empty, Loaded, Page } from '../../components/page.tsx';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { formatNumber } from '../../format.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { go, href } from '../../router.ts';
import { heldEnd } from '../../watch/run-look.ts';
import { type Advice, adviceFor, findingsOf } from './findings.ts';
import { Finding, TableList } from './review-parts.tsx';

/** `#/runs/<job>/review`: what is wrong with a held refresh, what the source says now, and the decision. */
export function Review({ jobId }: { jobId: string }) {
  const datasets = useCall('datasets.list', {});
  const back = { href: href('runs'), label: t('runs.title') };
  return (
    <Page title={t('held.title')} back={back}>
      <Loaded call={datasets}>
        {(list) => {
          // The address may name the dataset too.
          const dataset = list.find(({ id, held }) => held?.jobId === jobId || (held && id === jobId));
          return dataset?.held ? (
            <Decide key={dataset.held.jobId} dataset={dataset} held={dataset.held} />
          ) : (
            <Decided jobId={jobId} />
          );
        }}
      </Loaded>
    </Page>
  );
}

/** Nothing is held any more: what became of it. */
function Decided({ jobId }: { jobId: string }) {
  const run = useCall('syncs.get', { id: jobId });
  const now = useNow();
  const end = run.data ? heldEnd(run.data.job, now) : null;
  return (
    <Empty
      icon="review"
      title={t('runs.review.over')}
      action={
        <a className="button button-primary" href={href('runs', jobId)}>
          {t('runs.review.toRun')}
        </a>
      }
    >
      {end ?? t('runs.review.overText')}
    </Empty>
  );
}

type Answer = 'accept' | 'discard';

function Decide({ dataset, held }: { dataset: Dataset; held: Held }) {
  const run = useCall('syncs.get', { id: held.jobId });
  const [chosen, setChosen] = useState<string | null>(null);
  const recount = useAction((client, signal) => client.datasets.recount({ id: dataset.id }, { signal }));
  const [counted, setCounted] = useState<Recount>();
  const blocked = useAccess().reason('run_syncs');
  const findings = findingsOf(held.reasons, run.data?.tables ?? []);
  const shown = findings.find(({ name }) => name === chosen) ?? findings[0];
  const ask = async (): Promise<void> => {
    const answer = await recount.run();
    if (answer) setCounted(answer);
  };
  return (
    <div className="review">
      <header className="review-head">
        <p className="review-name">
          {t('dataset.name', { project: dataset.projectName, source: dataset.sourceName })}
        </p>
        <p>
          <Time at={held.at} form="moment" say={(at) => t('held.lead', { at })} />
        </p>
        {dataset.dataAsOf !== null && (
          <p className="muted">
            <Time at={dataset.dataAsOf} form="moment" say={(asOf) => t('sentence.complete', { asOf })} />
          </p>
        )}
      </header>
      <div className="review-advice" role="status">
        <Note tone="held">
          <p className="notice-title">{adviceText(adviceFor(findings, counted))}</p>
          {counted && <CountedNow recount={counted} />}
        </Note>
      </div>
      {recount.error && <ErrorNotice error={recount.error} urgent />}
      <div className="actions review-actions">
        <Decision answer="discard" primary dataset={dataset} blocked={blocked} />
        <Decision answer="accept" dataset={dataset} blocked={blocked} />
        <Button icon="sync" busy={recount.busy} blocked={blocked} onClick={() => void ask()}>
          {t('runs.review.ask')}
        </Button>
      </div>
      <div className="review-panes">
        <TableList findings={findings} chosen={shown?.name} onChoose={setChosen} />
        {shown && (
          <Finding finding={shown} count={counted?.counts.find(({ table }) => table === shown.name)} />
        )}
      </div>
    </div>
  );
}

function adviceText(advice: Advice): string {
  if (advice.kind === 'allAtOnce')
    return t('runs.review.advice.allAtOnce', { lost: advice.lost, of: advice.of });
  if (advice.kind === 'oneTable') return t('runs.review.advice.oneTable', { table: advice.table });
  return t(`runs.review.advice.${advice.kind}`);
}

/** What the source counts, dataset by dataset, beside what is published and what is held. */
function CountedNow({ recount }: { recount: Recount }) {
  return (
    <>
      <p>
        <Time at={recount.at} form="moment" say={(at) => t('runs.review.counted', { at })} />
      </p>
      <ul className="review-counts">
        {recount.counts.map(({ dataset, published, held, counted, rough, error }) => (
          <li key={dataset}>
            <span className="code" translate="no">
              {dataset}
            </span>{' '}
            {error
              ? t('runs.review.notCounted', { code: error.code })
              : counted === null
                ? t('runs.review.doesNotCount')
                : t(rough ? 'runs.review.countsAbout' : 'runs.review.counts', {
                    count: counted,
                    published: published === null ? t('state.none') : formatNumber(published),
                    held: held === null ? t('state.none') : formatNumber(held),
                  })}
          </li>
        ))}
      </ul>
    </>
  );
}

interface DecisionProps {
  readonly answer: Answer;
  readonly dataset: Dataset;
  readonly blocked: string | undefined;
  readonly primary?: boolean;
}

/** One of the two answers, with its question. */
function Decision({ answer, dataset, blocked, primary }: DecisionProps) {
  const notify = useNotify();
  const [asking, setAsking] = useState(false);
  const name = t('dataset.name', { project: dataset.projectName, source: dataset.sourceName });
  const decide = useAction(async (client) => {
    const input = { id: dataset.id };
    await (answer === 'accept' ? client.datasets.accept(input) : client.datasets.discard(input));
    return true;
  });
  const confirm = async (): Promise<void> => {
    if (!(await decide.run())) return;
    setAsking(false);
    notify.done(t(answer === 'accept' ? 'held.acceptedToast' : 'held.discardedToast', { name }));
    // What was decided is no page any more; what comes of it is seen where runs are.
    go(href('runs'), true);
  };
  return (
    <>
      <Button tone={primary ? 'primary' : 'plain'} blocked={blocked} onClick={() => setAsking(true)}>
        {t(`held.${answer}`)}
      </Button>
      <Confirm
        open={asking}
        title={t(`held.${answer}Question`)}
        confirm={t(`held.${answer}Confirm`)}
        safe={t('held.back')}
        busy={decide.busy}
        onClose={() => setAsking(false)}
        onConfirm={() => void confirm()}
      >
        <p>
          <strong>{name}</strong>
        </p>
        <p>{t(`held.${answer}Help`)}</p>
        {decide.error && <ErrorNotice error={decide.error} urgent />}
      </Confirm>
    </>
  );
}
