import { useCallback, useEffect, useRef, useState } from 'react';
import type { ImportPlan, ImportResult } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useApi } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { CopyTextButton } from '../../components/copy.tsx';
import { Note } from '../../components/error-notice.tsx';
import { Card, Empty, Page } from '../../components/page.tsx';
import { t } from '../../i18n/index.ts';
import { href, type Route } from '../../router.ts';
import { ImportFrom } from './import-from.tsx';
import { ImportPlanReview, Problems } from './import-plan.tsx';

type Step =
  | { readonly name: 'from' }
  | { readonly name: 'review'; readonly plan: ImportPlan }
  | { readonly name: 'done'; readonly kind: ImportPlan['kind']; readonly result: ImportResult };

/** `#/connections/import`: where from, what exactly, done. */
export function ImportReview(_props: { route: Route }) {
  const { client } = useApi();
  const blocked = useAccess().reason('manage_database_connections');
  const [step, setStep] = useState<Step>({ name: 'from' });
  // What was read but not taken holds passwords in the core: it is dropped as soon as nobody looks at it.
  const planId = useRef<string | null>(null);
  planId.current = step.name === 'review' ? step.plan.planId : null;
  const discard = useCallback(() => {
    const id = planId.current;
    if (id !== null) void client.imports.discard({ planId: id }).catch(() => undefined);
  }, [client]);
  const there = useRef(false);
  useEffect(() => {
    there.current = true;
    return () => {
      there.current = false;
      discard();
    };
  }, [discard]);
  // A plan that comes after another one, or after this page was left, is nobody's.
  const take = (plan: ImportPlan) => {
    if (there.current && planId.current === null) {
      planId.current = plan.planId;
      setStep({ name: 'review', plan });
    } else void client.imports.discard({ planId: plan.planId }).catch(() => undefined);
  };
  const restart = () => {
    discard();
    setStep({ name: 'from' });
  };
  const title =
    step.name === 'review'
      ? t('import.reviewTitle', { kind: t(`import.kind.${step.plan.kind}`) })
      : t('import.title');
  return (
    <Page
      key={step.name}
      title={step.name === 'done' ? t('import.doneTitle') : title}
      lead={t('import.lead')}
      back={{ href: href('connections'), label: t('import.back') }}
      wide
    >
      {blocked !== undefined ? (
        <Empty icon="lock" title={t('import.title')}>
          {blocked}
        </Empty>
      ) : step.name === 'from' ? (
        <ImportFrom onPlan={take} />
      ) : step.name === 'review' ? (
        <ImportPlanReview
          plan={step.plan}
          onBack={restart}
          onDone={(result) => setStep({ name: 'done', kind: step.plan.kind, result })}
        />
      ) : (
        <Done kind={step.kind} result={step.result} onAgain={restart} />
      )}
    </Page>
  );
}

interface DoneProps {
  readonly kind: ImportPlan['kind'];
  readonly result: ImportResult;
  readonly onAgain: () => void;
}

function Done({ kind, result, onAgain }: DoneProps) {
  const { created, replaced, projects, skipped, problems, cleaned } = result;
  return (
    <div className="stack">
      <Note tone={problems.length > 0 ? 'warn' : 'ok'}>
        <p>{t('import.created', { count: created.length })}</p>
        {replaced.length > 0 && <p>{t('import.replaced', { count: replaced.length })}</p>}
        {projects.length > 0 && <p>{t('import.projectsDone', { count: projects.length })}</p>}
        {skipped > 0 && <p>{t('import.skipped', { count: skipped })}</p>}
      </Note>
      {problems.length > 0 && <Problems problems={problems} />}
      {kind === 'legacy' && cleaned === null && <Note tone="info">{t('import.notCleaned')}</Note>}
      {cleaned !== null && (
        <Card title={t('import.cleanedTitle')}>
          <div className="stack-tight">
            <p>{t('import.cleanedText')}</p>
            <p>
              <CopyTextButton text={cleaned} label={t('import.copyCleaned')} />
            </p>
          </div>
        </Card>
      )}
      <p className="actions">
        <Button onClick={onAgain}>{t('import.again')}</Button>
        <a className="button button-primary" href={href('connections')}>
          {t('import.toList')}
        </a>
      </p>
    </div>
  );
}
