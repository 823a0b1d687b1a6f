import { useEffect, useRef } from 'react';
import type { ConnectionTest } from '../../../preload/contract/models.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { t } from '../../i18n/index.ts';
import { FixSql, Ladder } from '../connection-page/ladder.tsx';
import { mayGoPlain } from '../connections/fixes.ts';
import type { Pasted } from './paste.ts';

export type PastedField = 'host' | 'port' | 'database' | 'user' | 'password';

interface TrialProps {
  readonly trial: ConnectionTest;
  readonly parts: Pasted;
  /** Tries again with what was changed. */
  readonly onChange: (change: Partial<Pasted>) => void;
  /** Opens a field for what the broken rung is about. */
  readonly onEdit: (field: PastedField) => void;
}

/** Where the rung that broke is put right: the field it is about. */
const fieldOf: Readonly<Partial<Record<ConnectionTest['rungs'][number]['name'], PastedField>>> = {
  ...{ name: 'host', tcp: 'host', login: 'password', database: 'database' },
};

/** What a try found, rung by rung, with the way to put the broken one right as a button. */
export function FailedTrial({ trial, parts, onChange, onEdit }: TrialProps) {
  const answer = useRef<HTMLDivElement>(null);
  // What failed is in view with its way out.
  useEffect(() => {
    answer.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const broken = trial.rungs.find(({ state }) => state === 'failed')?.name;
  const field = broken === undefined ? undefined : fieldOf[broken];
  const plain = mayGoPlain(trial, parts.host);
  return (
    <div className="stack-tight" ref={answer}>
      {trial.error && (
        <ErrorNotice
          error={trial.error}
          stillWorks={t('setup.nothingKept')}
          urgent
          actions={
            <>
              {plain && (
                <Button small icon="unlock" onClick={() => onChange({ tlsMode: 'disable' })}>
                  {t('setup.withoutTls')}
                </Button>
              )}
              {field !== undefined && (
                <Button small icon="edit" onClick={() => onEdit(field)}>
                  {t(`setup.fix.${field}`)}
                </Button>
              )}
            </>
          }
        />
      )}
      {trial.fixSql !== null && <FixSql sql={trial.fixSql} />}
      <Ladder rungs={trial.rungs} />
    </div>
  );
}
