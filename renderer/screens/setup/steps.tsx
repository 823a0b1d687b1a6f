import type { ReactNode } from 'react';
import { Icon } from '../../components/icons.tsx';
import { t } from '../../i18n/index.ts';

export const stepNames = ['vault', 'database', 'source', 'start'] as const;
export type StepName = (typeof stepNames)[number];

/** One step of the panel: what it shows, its buttons, and what Enter does. Its state stays while others are shown. */
export interface Step {
  readonly body: ReactNode;
  readonly footer: ReactNode;
  readonly submit: () => void;
}

interface HeaderProps {
  readonly steps: readonly StepName[];
  readonly current: StepName;
  /** What was decided in a step that is done, in a word or two. */
  readonly done: Readonly<Partial<Record<StepName, string>>>;
}

/** Where one is on the way, all the way: it never leaves the panel. */
export function StepHeader({ steps, current, done }: HeaderProps) {
  const at = steps.indexOf(current);
  return (
    <ol className="setup-steps" aria-label={t('setup.steps')}>
      {steps.map((step, index) => (
        <li
          key={step}
          className={index < at ? 'setup-step setup-step-done' : 'setup-step'}
          aria-current={index === at ? 'step' : undefined}
        >
          <span className="setup-step-mark" aria-hidden="true">
            {index < at ? <Icon name="check" /> : index + 1}
          </span>
          <span className="setup-step-text">
            <span className="setup-step-name">
              {t(`setup.step.${step}`)}
              {index < at && <span className="visually-hidden"> – {t('setup.stepDone')}</span>}
            </span>
            {done[step] !== undefined && index < at && <span className="cell-note">{done[step]}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}
