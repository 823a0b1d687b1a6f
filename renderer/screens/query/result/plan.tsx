import { useState } from 'react';
import type { PlanStep, QueryPlan } from '../../../../preload/contract/models.ts';
import { Tag } from '../../../components/status.tsx';
import { formatDuration, formatNumber, formatPercent } from '../../../format.ts';
import { t } from '../../../i18n/index.ts';

interface Line {
  readonly step: PlanStep;
  readonly depth: number;
  /** Of what all of it takes, without the steps below: time where it was measured, else cost; 0 to 1. */
  readonly share: number;
}

const weight = (step: PlanStep, measured: boolean): number => (measured ? (step.ms ?? 0) : step.cost);

/** The steps in the order they are drawn, each with the share that is its own. */
export function linesOf(root: PlanStep): Line[] {
  const measured = root.ms !== null;
  const whole = weight(root, measured);
  const lines: Line[] = [];
  const add = (step: PlanStep, depth: number): void => {
    const below = step.steps.reduce((sum, each) => sum + weight(each, measured), 0);
    const own = Math.max(0, weight(step, measured) - below);
    lines.push({ step, depth, share: whole > 0 ? Math.min(1, own / whole) : 0 });
    for (const each of step.steps) add(each, depth + 1);
  };
  add(root, 0);
  return lines;
}

const views = ['tree', 'table', 'text'] as const;
const viewNames = { tree: 'query.planTree', table: 'query.planTable', text: 'query.planText' } as const;

/** How the server runs a statement; the costliest step stands out by a word and a bar, not by colour alone. */
export function Plan({ plan }: { plan: QueryPlan }) {
  const [view, setView] = useState<(typeof views)[number]>('tree');
  const lines = linesOf(plan.root);
  const costliest = lines.reduce((most, each) => (each.share > most.share ? each : most), lines[0] as Line);
  return (
    <section className="query-plan" aria-label={t('query.planTitle')}>
      <div className="query-plan-head">
        <p className="muted">
          {plan.ms === null
            ? t('query.planEstimated')
            : t('query.planMeasured', { time: formatDuration(plan.ms) })}
        </p>
        <fieldset className="segments">
          <legend className="visually-hidden">{t('query.planViews')}</legend>
          {views.map((each) => (
            <button
              key={each}
              type="button"
              className="segment"
              aria-pressed={each === view}
              onClick={() => setView(each)}
            >
              {t(viewNames[each])}
            </button>
          ))}
        </fieldset>
      </div>
      {view === 'tree' && <Steps step={plan.root} lines={lines} costliest={costliest} />}
      {view === 'table' && <StepTable lines={lines} costliest={costliest} measured={plan.ms !== null} />}
      {view === 'text' && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable to be scrolled by keyboard
        <pre className="query-value" tabIndex={0} translate="no">
          {plan.text}
        </pre>
      )}
    </section>
  );
}

interface StepsProps {
  readonly step: PlanStep;
  readonly lines: readonly Line[];
  readonly costliest: Line;
}

function Steps({ step, lines, costliest }: StepsProps) {
  return (
    <ul className="plan-tree">
      <Step step={step} lines={lines} costliest={costliest} />
    </ul>
  );
}

function Step({ step, lines, costliest }: StepsProps) {
  const share = lines.find((line) => line.step === step)?.share ?? 0;
  const worst = costliest.step === step;
  return (
    <li>
      <div className={worst ? 'plan-step plan-costliest' : 'plan-step'}>
        <p className="plan-name">
          <strong translate="no">{step.what}</strong>
          {step.on !== null && (
            <span className="code" translate="no">
              {step.on}
            </span>
          )}
          {worst && <Tag tone="warn">{t('query.planCostliest')}</Tag>}
        </p>
        <p className="muted number">
          {step.actualRows === null || step.ms === null
            ? t('query.planFacts', { rows: Math.round(step.rows), cost: formatNumber(step.cost) })
            : t('query.planFactsMeasured', {
                actual: Math.round(step.actualRows),
                rows: formatNumber(Math.round(step.rows)),
                time: formatDuration(step.ms),
              })}
        </p>
        <p className="plan-share">
          <span className="plan-bar" aria-hidden="true">
            <span style={{ inlineSize: `${share * 100}%` }} />
          </span>
          <span className="number">{t('query.planShare', { percent: formatPercent(share) })}</span>
        </p>
        {step.details.length > 0 && (
          <dl className="plan-details">
            {step.details.map(({ name, text }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd className="code" translate="no">
                  {text}
                </dd>
              </div>
            ))}
          </dl>
        )}
      </div>
      {step.steps.length > 0 && (
        <ul>
          {step.steps.map((each, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the order of its steps is all the identity they have
            <Step key={at} step={each} lines={lines} costliest={costliest} />
          ))}
        </ul>
      )}
    </li>
  );
}

function StepTable({ lines, costliest, measured }: { lines: Line[]; costliest: Line; measured: boolean }) {
  return (
    <div className="table-wrap">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t('query.planStep')}</th>
            <th scope="col" className="cell-number">
              {t('query.planOwn')}
            </th>
            <th scope="col" className="cell-number">
              {t('query.planRows')}
            </th>
            {measured && (
              <th scope="col" className="cell-number">
                {t('query.planActual')}
              </th>
            )}
            <th scope="col" className="cell-number">
              {t('query.planCost')}
            </th>
            {measured && (
              <th scope="col" className="cell-number">
                {t('query.planMs')}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {lines.map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            <tr key={at}>
              <th scope="row">
                <span style={{ paddingInlineStart: line.depth * 16 }}>
                  {line.step.what} {line.step.on !== null && t('query.planOn', { name: line.step.on })}{' '}
                  {line === costliest && <Tag tone="warn">{t('query.planCostliest')}</Tag>}
                </span>
              </th>
              <td className="cell-number">{formatPercent(line.share)}</td>
              <td className="cell-number">{formatNumber(Math.round(line.step.rows))}</td>
              {measured && <td className="cell-number">{formatNumber(line.step.actualRows ?? 0)}</td>}
              <td className="cell-number">{formatNumber(line.step.cost)}</td>
              {measured && <td className="cell-number">{formatDuration(line.step.ms ?? 0)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
