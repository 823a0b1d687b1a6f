import { useState } from 'react';
import type { AuditSealing, AuditVerification } from '../../../preload/contract/models.ts';
import { type Action, useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { CopyTextButton } from '../../components/copy.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { Card } from '../../components/page.tsx';
import { Time } from '../../components/time.tsx';
import { formatNumber } from '../../format.ts';
import { t } from '../../i18n/index.ts';

interface Verified extends AuditVerification {
  readonly at: string;
}

export interface Verification {
  readonly action: Action<[], AuditVerification>;
  readonly found: Verified | null;
  readonly start: () => void;
}

/** Recomputes the chain of the whole log, which can be many thousand entries long. */
export function useVerification(): Verification {
  const [found, setFound] = useState<Verified | null>(null);
  const action = useAction((client, signal) => client.audit.verify({}, { signal }));
  const run = async (): Promise<void> => {
    const result = await action.run();
    if (result) setFound({ ...result, at: new Date().toISOString() });
  };
  return { action, found, start: () => void run() };
}

/** Starts it, or ends it while it is under way; one button, so that it keeps the focus. */
export function VerifyButton({ verification: { action, found, start } }: { verification: Verification }) {
  return (
    <Button icon={action.busy ? 'stop' : 'review'} onClick={action.busy ? action.cancel : start}>
      {t(action.busy ? 'activity.verifyCancel' : found ? 'activity.verifyAgain' : 'activity.verify')}
    </Button>
  );
}

/** What it found, and the hash that proves later that the log was not made anew. Nothing before somebody asked. */
export function VerifyResult({ verification: { action, found } }: { verification: Verification }) {
  const said = action.busy || action.error !== undefined || found !== null;
  return (
    <div role="status" className={said ? undefined : 'visually-hidden'}>
      {said && (
        <Card title={t('activity.verifyTitle')}>
          <div className="stack">
            <p className="muted">{t('activity.verifyLead')}</p>
            {action.busy && <p>{t('activity.verifying')}</p>}
            {!action.busy && found && <Result found={found} />}
            {action.error && <ErrorNotice error={action.error} urgent />}
          </div>
        </Card>
      )}
    </div>
  );
}

function Result({ found }: { found: Verified }) {
  const { entries, firstBroken, headSeq, headHash, at, seal } = found;
  return (
    <>
      {firstBroken === null ? (
        <Note tone="ok">
          <p className="notice-title">{t('activity.unbroken', { count: entries })}</p>
          <p>
            <Time at={at} form="moment" say={(time) => t('activity.verifiedAt', { time })} />
          </p>
        </Note>
      ) : (
        <Note tone="bad">
          <p className="notice-title">{t('activity.broken', { seq: formatNumber(firstBroken) })}</p>
          <p>{t('activity.brokenMeans', { seq: formatNumber(firstBroken) })}</p>
          {firstBroken > 1 && <p>{t('activity.brokenBefore', { seq: formatNumber(firstBroken - 1) })}</p>}
          <p>{t('activity.brokenDo')}</p>
        </Note>
      )}
      <Anchor found={found} />
      <Seal seal={seal} empty={entries === 0} />
      {headHash !== '' && (
        <div className="stack-tight">
          <h3>{t('activity.headTitle', { seq: formatNumber(headSeq) })}</h3>
          <p className="code key-text" translate="no">
            {headHash}
          </p>
          <p className="muted">{t('activity.headText')}</p>
          <div>
            <CopyTextButton text={`${headSeq} ${headHash}`} label={t('activity.headCopy')} />
          </div>
        </div>
      )}
    </>
  );
}

const known = { begins: 'activity.anchor', by: 'activity.anchorBy' } as const;
const claimed = { begins: 'activity.anchorClaimed', by: 'activity.anchorByClaimed' } as const;

/** Where a log begins that was trimmed, and whether it was Headgate that did it. */
function Anchor({ found: { anchors, anchored } }: { found: Verified }) {
  const last = anchors.at(-1);
  if (anchored === 'none') return null;
  const tone = anchored === 'sealed' ? 'ok' : anchored === 'broken' ? 'bad' : 'warn';
  // Whoever removed entries could have written any name there: only the vault can vouch for it.
  const words = anchored === 'sealed' ? known : claimed;
  return (
    <Note tone={tone}>
      {last && <p className="notice-title">{t(words.begins, { seq: formatNumber(last.seq + 1) })}</p>}
      {last && (
        <p>
          <Time at={last.at} form="moment" say={(time) => t(words.by, { person: last.person, time })} />
        </p>
      )}
      <p>{t(`activity.anchored.${anchored}`)}</p>
      {anchored === 'broken' && <p>{t('activity.brokenDo')}</p>}
    </Note>
  );
}

/** What the vault says of the log. Of one without entries there is nothing to say. */
function Seal({ seal, empty }: { seal: AuditSealing; empty: boolean }) {
  const { state, seq, from, since } = seal;
  if (state === 'missing' && empty) return null;
  const tone = state === 'sealed' ? 'ok' : state === 'broken' ? 'bad' : 'warn';
  return (
    <Note tone={tone}>
      <p className="notice-title">
        {state === 'broken' && seq === null
          ? t('activity.seal.damaged')
          : t(`activity.seal.${state}`, { seq: formatNumber(seq ?? 0) })}
      </p>
      {since !== null && from !== null && (
        <p>
          <Time
            at={since}
            form="moment"
            say={(time) => t('activity.seal.since', { from: formatNumber(from), time })}
          />
        </p>
      )}
      {state === 'broken' && <p>{t('activity.brokenDo')}</p>}
      {state === 'sealed' && <p className="muted">{t('activity.seal.limits')}</p>}
    </Note>
  );
}
