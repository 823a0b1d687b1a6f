import { useEffect, useRef } from 'react';
import type { ConnectionTest } from '../../../preload/contract/models.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { t } from '../../i18n/index.ts';
import { FixSql, Ladder } from '../connection-page/ladder.tsx';
import { Fixes } from '../connections/test-result.tsx';
import { type Pasted, type PastedField, pastedFields } from './paste.ts';

interface TrialProps {
  readonly trial: ConnectionTest;
  readonly parts: Pasted;
  /** Tries again with what was changed. */
  readonly onChange: (change: Partial<Pasted>) => void;
  /** Opens a field for what the broken rung is about. */
  readonly onEdit: (field: PastedField) => void;
}

/** What a try found, rung by rung, with the way to put the broken one right as a button. */
export function FailedTrial({ trial, parts, onChange, onEdit }: TrialProps) {
  const answer = useRef<HTMLDivElement>(null);
  // What failed is in view with its way out.
  useEffect(() => {
    answer.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <div className="stack-tight" ref={answer}>
      {trial.error && (
        <ErrorNotice
          error={trial.error}
          stillWorks={t('setup.nothingKept')}
          urgent
          actions={
            <Fixes
              result={trial}
              host={parts.host}
              fields={pastedFields}
              onFix={onEdit}
              onWithoutTls={() => onChange({ tlsMode: 'disable' })}
            />
          }
        />
      )}
      {trial.fixSql !== null && <FixSql sql={trial.fixSql} />}
      <Ladder rungs={trial.rungs} />
    </div>
  );
}
