import { createContext, useContext, useMemo } from 'react';
import type { Connection, RecentHealth } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { formatDuration } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { useLanguage } from '../../language.tsx';
import { go, href } from '../../router.ts';
import { rungOrder } from '../connection-page/ladder.tsx';
import { Sparkline } from '../connection-page/sparkline.tsx';
import { type FixField, fixFields, fixOf } from './fixes.ts';

/** So many are asked for at once. */
const most = 500;

/** How connections were lately, by their id: one question for all that are drawn. */
export function useRecent(ids: readonly string[]): ReadonlyMap<string, RecentHealth> {
  const wanted = ids.slice(0, most);
  const recent = useCall('connections.recent', wanted.length === 0 ? null : { ids: wanted }).data;
  return useMemo(() => (recent ? new Map(recent.map((each) => [each.id, each])) : none), [recent]);
}

const none: ReadonlyMap<string, RecentHealth> = new Map();
const RecentContext = createContext(none);
/** Gives each row its part of the answer; a row whose part is there is not drawn anew for it. */
export const RecentProvider = RecentContext.Provider;

type Shown = Pick<Connection, 'id' | 'name' | 'health'>;
const isDown = ({ health: { state } }: Shown): boolean => state === 'fails' || state === 'unreachable';

/** How a connection was lately, in small pictures; of one that fails, also where its test stopped. */
export function Recent({ connection }: { connection: Shown }) {
  useLanguage();
  const recent = useContext(RecentContext).get(connection.id);
  if (!recent) return null;
  return (
    <span className="recent">
      <RecentChecks recent={recent} />
      {isDown(connection) && recent.rungs && <LadderGlyph rungs={recent.rungs} />}
    </span>
  );
}

interface FixProps {
  readonly connection: Connection;
  readonly onEdit: (connection: Connection, at: FixField) => void;
}

/** Leads to the field that puts right what broke, where a field can. */
export function Fix({ connection, onEdit }: FixProps) {
  useLanguage();
  const rungs = useContext(RecentContext).get(connection.id)?.rungs;
  const field = isDown(connection) && rungs ? fixOf(rungs, fixFields) : undefined;
  if (field === undefined) return null;
  return (
    <Button
      small
      icon="edit"
      // A key of a jump host is looked at on the page, where it can be accepted.
      onClick={() => (field === 'ssh' ? go(href('connections', connection.id)) : onEdit(connection, field))}
      aria-label={t('recent.fixOf', { name: connection.name })}
    >
      {t('recent.fix')}
    </Button>
  );
}

/** The latest answer times as a small line. Nothing before there are two to draw a line between. */
function RecentChecks({ recent: { checks } }: { recent: RecentHealth }) {
  const [first] = checks;
  const last = checks.at(-1);
  if (!first || !last || first === last) return null;
  const times = checks.flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs]));
  const failed = checks.filter(({ state }) => state === 'fails' || state === 'unreachable').length;
  const label = [
    times.length === 0
      ? t('recent.noAnswer', { count: checks.length })
      : t('recent.answered', {
          ...{ count: checks.length, min: formatDuration(Math.min(...times)) },
          max: formatDuration(Math.max(...times)),
        }),
    ...(failed > 0 && times.length > 0 ? [t('recent.failed', { count: failed })] : []),
  ].join(' ');
  return (
    <span className="sparkline-small">
      <Sparkline checks={checks} from={Date.parse(first.at)} to={Date.parse(last.at)} label={label} />
    </span>
  );
}

/** How far the last test came: a mark for each rung, whose form says it as well as its colour; its name is the one that broke. */
function LadderGlyph({ rungs }: { rungs: NonNullable<RecentHealth['rungs']> }) {
  const broken = rungs.find(({ state }) => state === 'failed');
  const marks = rungOrder.map((name) => rungs.find((each) => each.name === name)?.state ?? 'not_reached');
  const label = broken
    ? t('recent.brokeAt', { rung: t(`ladder.${broken.name}`) })
    : t('recent.climbed', { count: marks.filter((state) => state !== 'skipped').length });
  return (
    <svg className="ladder-glyph" viewBox="0 0 78 14" role="img" aria-label={label}>
      <title>{label}</title>
      {marks.map((state, at) => (
        <g key={rungOrder[at]} className={`glyph-${state}`} transform={`translate(${at * 10} 0)`}>
          <Mark state={state} />
        </g>
      ))}
    </svg>
  );
}

/** Full where it held, full with a notch where it warns, crossed where it broke, a line where it does not apply, else empty. */
function Mark({ state }: { state: NonNullable<RecentHealth['rungs']>[number]['state'] }) {
  if (state === 'skipped') return <path d="M1 7h6" />;
  if (state === 'failed') return <path d="M1 3l6 8M7 3l-6 8" />;
  if (state === 'warns') return <path className="glyph-filled" d="M1 13V5l3-4 3 4v8z" />;
  return (
    <rect
      className={state === 'ok' ? 'glyph-filled' : undefined}
      x="1.5"
      y="1.5"
      width="5"
      height="11"
      rx="1"
    />
  );
}
