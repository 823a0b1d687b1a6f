import type { ReactNode } from 'react';
import type { WireError } from '../../preload/contract/errors.ts';
import { t } from '../i18n/index.ts';
import { adviceOf, messageOf } from '../i18n/sentence.ts';
import { CopyButton } from './copy.tsx';
import { Icon } from './icons.tsx';

interface ErrorNoticeProps {
  readonly error: WireError;
  /** What still works in spite of it, where that is known. */
  readonly stillWorks?: string | undefined;
  /** What can be done right here, usually "Try again". */
  readonly actions?: ReactNode;
  /** Set where the error follows a deed of the person; a failed reading is not shouted. */
  readonly urgent?: boolean;
}

/** Every error looks like this: what happened · what still works · what to do · code. */
export function ErrorNotice({ error, stillWorks, actions, urgent }: ErrorNoticeProps) {
  const tone = error.kind === 'transient' ? 'warn' : 'bad';
  const advice = adviceOf(error);
  return (
    <div className={`notice tone-${tone}`} role={urgent ? 'alert' : undefined}>
      <Icon name={error.kind === 'denied' ? 'lock' : tone === 'warn' ? 'warning' : 'failed'} size={18} />
      <div className="notice-body">
        <p className="notice-title">{messageOf(error)}</p>
        {stillWorks !== undefined && <p>{stillWorks}</p>}
        {advice !== '' && <p>{advice}</p>}
        <p className="notice-foot">
          <ErrorCode error={error} />
          {actions}
        </p>
      </div>
    </div>
  );
}

export function ErrorCode({ error }: { error: WireError }) {
  const code = error.correlationId === undefined ? error.code : `${error.code} ${error.correlationId}`;
  return (
    <span className="code-chip">
      <code translate="no">{code}</code>
      <CopyButton text={code} label={t('error.copyCode', { code: error.code })} />
    </span>
  );
}

interface NoteProps {
  readonly tone: 'info' | 'warn' | 'ok' | 'bad' | 'held';
  readonly children: ReactNode;
}

export function Note({ tone, children }: NoteProps) {
  const icon = { info: 'info', warn: 'warning', ok: 'checkCircle', bad: 'failed', held: 'held' } as const;
  return (
    <div className={`notice tone-${tone}`}>
      <Icon name={icon[tone]} size={18} />
      <div className="notice-body">{children}</div>
    </div>
  );
}
