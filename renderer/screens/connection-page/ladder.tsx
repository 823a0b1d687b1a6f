import type { ConnectionTest, Rung } from '../../../preload/contract/models.ts';
import { CopyTextButton } from '../../components/copy.tsx';
import { Icon, type IconName, Spinner } from '../../components/icons.tsx';
import type { Tone } from '../../components/status.tsx';
import { formatDuration } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { sentence } from '../../i18n/sentence.ts';

/** `waiting`: the test that runs now has not said anything about it. */
type RungState = Rung['state'] | 'waiting';

const look: Record<RungState, { tone: Tone; icon: IconName }> = {
  ok: { tone: 'ok', icon: 'checkCircle' },
  warns: { tone: 'warn', icon: 'warning' },
  failed: { tone: 'bad', icon: 'failed' },
  skipped: { tone: 'muted', icon: 'minus' },
  not_reached: { tone: 'muted', icon: 'dashed' },
  waiting: { tone: 'muted', icon: 'dashed' },
};

/** The rungs from the ground up. */
// Written out here: the list in the contract comes with its validation library, which stays out of this bundle.
export const rungOrder = [
  'name',
  'tcp',
  'ssh',
  'tls',
  'login',
  'database',
  'rights',
  'write',
] as const satisfies readonly Rung['name'][];

interface LadderProps {
  /** Null while a test runs: a rung is known when it ends. */
  readonly rungs: readonly Rung[] | null;
  readonly readOnly?: boolean;
}

/** The steps of a test, each of which stands on those before it. */
export function Ladder({ rungs, readOnly }: LadderProps) {
  const shown: (Omit<Rung, 'state'> & { state: RungState })[] = [
    ...(rungs ?? rungOrder.map((name) => ({ name, state: 'waiting' as const, ms: null, detail: '' }))),
  ];
  return (
    <ol className={rungs ? 'ladder' : 'ladder ladder-waiting'} aria-label={t('ladder.list')}>
      {shown.map(({ name, state, ms, detail, said }) => (
        <li key={name} className={`rung rung-${state} tone-${look[state].tone}`}>
          <span className="rung-mark">
            <Icon name={look[state].icon} />
          </span>
          <span className="rung-name">
            {t(name === 'rights' && readOnly ? 'ladder.rightsRead' : `ladder.${name}`)}
          </span>
          <span className="rung-state">{t(`rung.${state}`)}</span>
          <span className="rung-ms number">{ms === null ? '' : formatDuration(ms)}</span>
          {detail !== '' && <span className="rung-detail">{sentence(said, detail)}</span>}
        </li>
      ))}
    </ol>
  );
}

/** The statement that a DBA would run, to be taken along. */
export function FixSql({ sql }: { sql: string }) {
  return (
    <div className="fix-sql">
      <p className="fix-sql-title">{t('ladder.fixSql')}</p>
      {/* Long statements scroll by keyboard too. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable */}
      <pre className="code" translate="no" tabIndex={0}>
        {sql}
      </pre>
      <CopyTextButton text={sql} label={t('ladder.copySql')} />
    </div>
  );
}

/** What runs now, said while it runs. */
export function Climbing() {
  return (
    <p className="waiting" role="status">
      <Spinner size={18} />
      <span>{t('ladder.running')}</span>
    </p>
  );
}

export function Warnings({ test }: { test: ConnectionTest }) {
  if (test.warnings.length === 0) return null;
  return (
    <div className="notice tone-warn">
      <Icon name="warning" size={18} />
      <div className="notice-body">
        <p className="notice-title">{t('ladder.warnings')}</p>
        <ul className="notice-list">
          {test.warnings.map((warning, at) => (
            <li key={warning}>{sentence(test.warned?.[at], warning)}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}
