import { useAccess } from '../../access.ts';
import { useCall } from '../../api.ts';
import { CopyTextButton } from '../../components/copy.tsx';
import { Icon } from '../../components/icons.tsx';
import { Loaded, Page } from '../../components/page.tsx';
import { formatMoment, formatToday } from '../../format.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { later } from '../../later.tsx';
import { causesOf } from '../../watch/causes.ts';
import type { Watched } from '../../watch/dataset-state.ts';
import { freshnessMessage } from '../../watch/message.ts';
import { type Summary as Said, summarise, type World } from '../../watch/summary.ts';
import { useWatched } from '../../watch/use-watched.tsx';
import { Attention, useFailing } from './attention.tsx';
import { Freshness } from './freshness.tsx';

// Most who open the window have been here before: the way in is a file of its own.
const { Screen: FirstRun } = later(() => import('../first-run/first-run.tsx').then((file) => file.FirstRun));
// Below the table: it may come a moment later.
const { Screen: LastDay } = later(() => import('./last-day.tsx').then((file) => file.LastDay));

/** What keeps everything from being done, whatever each dataset's own state. */
function useWorld(): World {
  const offline = useCall('app.info', {}).data?.offline ?? false;
  const vault = useCall('vault.status', {}).data?.state;
  return { offline, vault: vault === 'locked' ? 'locked' : vault === 'session_only' ? 'forgets' : 'keeps' };
}

export function Home() {
  const info = useCall('app.info', {}).data;
  const links = useWatched();
  const looksAfter = useAccess().may('run_syncs');
  const failing = useFailing();
  const now = useNow();
  const world = useWorld();
  const firstRun = info?.firstRun ?? false;
  const shown = links.data;
  // Who can do nothing about it is told that it waits, not why.
  const causes = looksAfter ? causesOf(shown ?? [], failing) : [];
  const summary = shown && summarise(shown, world, causes.length);
  if (firstRun)
    return (
      <Page title={t('home.welcome')} lead={t('home.welcomeLead')}>
        {/* A vault that keeps nothing is said before the first password is entered. */}
        {world.vault !== 'keeps' && <Attention causes={[]} vault={world.vault} />}
        <FirstRun watched={shown ?? []} />
        {shown !== undefined && shown.length > 0 && <Freshness watched={shown} />}
      </Page>
    );
  const said = summary && sentenceOf(summary, now);
  return (
    <Page
      title={said ?? t('home.title')}
      wide
      heading={
        summary && (
          <span className={`home-sentence home-state tone-${summary.tone}`}>
            <Icon name={icons[summary.tone]} size={24} />
            <span>{said}</span>
          </span>
        )
      }
      lead={links.error && !shown ? t('home.leadUnknown') : shown && leadOf(shown, now)}
      action={
        said !== undefined &&
        shown !== undefined &&
        shown.length > 0 && (
          <CopyTextButton label={t('home.copyMessage')} text={freshnessMessage(said, shown, now)} />
        )
      }
    >
      <Attention causes={causes} vault={world.vault} />
      <Loaded call={{ ...links, data: shown }}>
        {(list) =>
          list.length > 0 && (
            <>
              <Freshness watched={list} />
              <LastDay watched={list} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

const icons = {
  ok: 'checkCircle',
  warn: 'clock',
  bad: 'hand',
  info: 'info',
  muted: 'dashed',
} as const;

/** The whole workspace, worst first. */
function sentenceOf({ parts, asOf }: Said, now: number): string {
  const moment = asOf === null ? '' : formatMoment(asOf, now);
  return parts
    .map(({ part, count }) =>
      part === 'all' || part === 'rest'
        ? t(`summary.${part}`, { count, asOf: moment })
        : t(`summary.${part}`, { count }),
    )
    .join(' ');
}

/** "Saturday, 21 November, 10:45 · next update about 12:05 · 4 projects, 6 sources". */
function leadOf(watched: readonly Watched[], now: number): string {
  const next = watched.flatMap(({ dataset }) => dataset?.outlook.at ?? []).sort()[0];
  const projects = new Set(watched.map(({ link }) => link.projectId)).size;
  return [
    formatToday(now),
    ...(next !== undefined && Date.parse(next) > now
      ? [t('home.nextUpdate', { time: formatMoment(next, now) })]
      : []),
    ...(watched.length > 0 ? [t('home.size', { projects, sources: watched.length })] : []),
  ].join(' · ');
}
