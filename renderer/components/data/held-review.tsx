import { useEffect, useRef, useState } from 'react';
import type { Dataset, Held, HeldReason } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction } from '../../api.ts';
import { formatList, formatNumber, formatPercent } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { sentence } from '../../i18n/sentence.ts';
import { totalRows } from '../../state.ts';
import { Button } from '../button.tsx';
import { Box } from '../dialogs.tsx';
import { ErrorNotice, Note } from '../error-notice.tsx';
import { Time } from '../time.tsx';
import { useNotify } from '../toasts.tsx';

interface ReviewProps {
  readonly dataset: Dataset;
  readonly primary?: boolean;
}

/** The way to the review of a held refresh; nothing where none is held. */
export function ReviewHeld({ dataset, primary }: ReviewProps) {
  const [open, setOpen] = useState(false);
  const { held } = dataset;
  if (!held || dataset.job) return null;
  return (
    <>
      <Button
        small
        icon="review"
        tone={primary ? 'primary' : 'plain'}
        aria-label={t('held.reviewOf', { name: nameOf(dataset) })}
        onClick={() => setOpen(true)}
      >
        {t('held.review')}
      </Button>
      {open && <Review dataset={dataset} held={held} onClose={() => setOpen(false)} />}
    </>
  );
}

/** Says on a card that a refresh waits, and why, with the way to its review. */
export function HeldNote({ dataset }: { dataset: Dataset }) {
  const { held } = dataset;
  if (!held || dataset.job) return null;
  return (
    <Note tone="warn">
      <p className="notice-title">{t('held.card')}</p>
      {held.reasons.slice(0, 2).map((reason) => (
        <p key={reason.message}>{sentence(reason.said, reason.message)}</p>
      ))}
      {held.reasons.length > 2 && <p>{t('held.more', { count: held.reasons.length - 2 })}</p>}
      <p className="notice-foot">
        <ReviewHeld dataset={dataset} primary />
      </p>
    </Note>
  );
}

function nameOf(dataset: Dataset): string {
  return t('dataset.name', { project: dataset.projectName, source: dataset.sourceName });
}

const answers = ['accept', 'discard'] as const;
type Answer = (typeof answers)[number];

interface DialogProps {
  readonly dataset: Dataset;
  readonly held: Held;
  readonly onClose: () => void;
}

function Review({ dataset, held, onClose }: DialogProps) {
  const notify = useNotify();
  const blocked = useAccess().reason('run_syncs');
  const [asking, setAsking] = useState<Answer | null>(null);
  const back = useRef<HTMLButtonElement>(null);
  const name = nameOf(dataset);
  const findings = together(held.reasons);
  // The safe answer has the focus, as wherever something can not be taken back.
  useEffect(() => {
    if (asking) back.current?.focus();
  }, [asking]);
  const run = useAction(async (client, _signal, chosen: Answer) => {
    const input = { id: dataset.id };
    await (chosen === 'accept' ? client.datasets.accept(input) : client.datasets.discard(input));
    return true;
  });
  const answer = async (chosen: Answer): Promise<void> => {
    if (!(await run.run(chosen))) return;
    onClose();
    notify.done(t(chosen === 'accept' ? 'held.acceptedToast' : 'held.discardedToast', { name }));
    // What opened the review goes away with what was held.
    requestAnimationFrame(() => document.querySelector('h1')?.focus());
  };
  return (
    <Box
      open
      wide
      title={t('held.title')}
      onClose={onClose}
      footer={
        asking ? (
          <>
            <p className="panel-question" role="alert">
              {t(`held.${asking}Question`)}
            </p>
            <Button ref={back} onClick={() => setAsking(null)}>
              {t('held.back')}
            </Button>
            <Button
              tone={asking === 'discard' ? 'danger' : 'primary'}
              busy={run.busy}
              onClick={() => void answer(asking)}
            >
              {t(`held.${asking}Confirm`)}
            </Button>
          </>
        ) : (
          <>
            <Button tone="quiet" onClick={onClose}>
              {t('action.close')}
            </Button>
            <Button blocked={blocked} onClick={() => setAsking('discard')}>
              {t('held.discard')}
            </Button>
            <Button blocked={blocked} onClick={() => setAsking('accept')}>
              {t('held.accept')}
            </Button>
          </>
        )
      }
    >
      <p>
        <strong>{name}</strong>
      </p>
      <p>
        <Time at={held.at} form="moment" say={(at) => t('held.lead', { at })} />
      </p>
      <p className="held-data">
        <span className="muted">{t('held.oldData')}</span>
        {dataset.dataAsOf === null ? (
          t('sentence.noData')
        ) : (
          <span>
            <Time at={dataset.dataAsOf} form="moment" say={(asOf) => t('sentence.complete', { asOf })} />{' '}
            <span className="number">{t('held.rowCount', { count: totalRows(dataset.rowCounts) })}</span>
          </span>
        )}
      </p>
      <h3 id="held-reasons">{t('held.reasons', { count: findings.length })}</h3>
      <section
        className="held-reasons"
        aria-labelledby="held-reasons"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable to be scrolled by keyboard
        tabIndex={0}
      >
        <ul aria-labelledby="held-reasons">
          {findings.map((found) => (
            <Reason
              key={`${found.code} ${found.table} ${found.column}`}
              reason={found}
              columns={found.columns}
            />
          ))}
        </ul>
      </section>
      <dl className="held-answers">
        {answers.map((each) => (
          <div key={each}>
            <dt>{t(`held.${each}Title`)}</dt>
            <dd>{t(`held.${each}Help`)}</dd>
          </div>
        ))}
      </dl>
      {run.error && <ErrorNotice error={run.error} urgent />}
    </Box>
  );
}

interface Finding extends HeldReason {
  /** Columns of one table that are gone, when there are several. */
  readonly columns: readonly string[];
}

/** One line for all lost columns of a table: a form that nobody submits any more loses dozens. */
function together(reasons: readonly HeldReason[]): Finding[] {
  const lost = Map.groupBy(
    reasons.filter(({ code }) => code === 'column_gone'),
    ({ table }) => table,
  );
  return reasons.flatMap((reason): Finding[] => {
    const members = reason.code === 'column_gone' ? (lost.get(reason.table) ?? []) : [];
    if (members.length < 2) return [{ ...reason, columns: [] }];
    if (members[0] !== reason) return [];
    return [{ ...reason, column: null, columns: members.map(({ column }) => column ?? '') }];
  });
}

function Reason({ reason, columns }: { reason: HeldReason; columns: readonly string[] }) {
  const { code, table, column, before, after } = reason;
  const counted = code === 'count_mismatch';
  const what = (
    <>
      <span className="code" translate="no">
        {column === null ? table : `${table}.${column}`}
      </span>{' '}
      {columns.length > 0 ? t('held.columns_gone', { count: columns.length }) : t(`held.${code}`)}
    </>
  );
  if (columns.length > 0) {
    return (
      <li className="held-reason">
        <details>
          <summary>{what}</summary>
          <p className="held-columns code" translate="no">
            {formatList(columns)}
          </p>
        </details>
      </li>
    );
  }
  return (
    <li className="held-reason">
      <p>{what}</p>
      {before !== null && (
        <p className="held-numbers number">
          <span>
            <span className="muted">{t(counted ? 'held.announced' : 'held.before')}</span>{' '}
            <strong>{formatNumber(before)}</strong>
          </span>
          <span aria-hidden="true">→</span>
          <span>
            <span className="muted">{t(counted ? 'held.came' : 'held.after')}</span>{' '}
            <strong>{formatNumber(after ?? 0)}</strong>
          </span>
          {code === 'shrunk' && before > 0 && (
            <span className="muted">
              {t('held.by', { percent: formatPercent((before - (after ?? 0)) / before) })}
            </span>
          )}
        </p>
      )}
    </li>
  );
}
