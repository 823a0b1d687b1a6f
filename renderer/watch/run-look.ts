import type { Job } from '../../preload/contract/models.ts';
import type { IconName } from '../components/icons.tsx';
import type { Tone } from '../components/status.tsx';
import { formatClock, formatMoment, formatSigned } from '../format.ts';
import { t } from '../i18n/index.ts';

/** How a run is drawn; by form as well as by colour, see `run-lanes`. */
export type RunForm = 'ok' | 'open' | 'paused' | 'failed' | 'held' | 'over' | 'cancelled';

type Facts = Pick<Job, 'status' | 'decided'>;

/** `over`: it was held, and that is decided. */
export function formOf({ status, decided }: Facts): RunForm {
  switch (status) {
    case 'completed':
      return 'ok';
    case 'queued':
    case 'running':
      return 'open';
    case 'held':
      return decided ? 'over' : 'held';
    default:
      return status;
  }
}

const looks: Record<Job['status'], { tone: Tone; icon: IconName | 'spinner' }> = {
  queued: { tone: 'info', icon: 'clock' },
  running: { tone: 'info', icon: 'spinner' },
  paused: { tone: 'muted', icon: 'pause' },
  completed: { tone: 'ok', icon: 'checkCircle' },
  held: { tone: 'held', icon: 'held' },
  failed: { tone: 'bad', icon: 'failed' },
  cancelled: { tone: 'muted', icon: 'stop' },
};

/** Icon and colour of a run; what was held and is decided asks for nothing any more. */
export function lookOf(run: Facts, waits: boolean): { tone: Tone; icon: IconName | 'spinner' } {
  const look = looks[run.status];
  return run.status === 'held' && !waits ? { ...look, tone: 'muted' } : look;
}

/** The state of a run in a word or two; of a held one, what became of it. `waits`: it is still held. */
export function stateWord(run: Facts, waits: boolean): string {
  if (run.status !== 'held' || waits) return t(`job.status.${run.status}`);
  return run.decided ? t(`runs.${run.decided.how}`) : t('job.wasHeld');
}

/** "Held, then published by Asha, 23:16 today". */
export function heldEnd({ decided }: Facts, now: number): string | null {
  if (!decided) return null;
  return t(`runs.${decided.how}By`, { name: decided.by, at: formatMoment(decided.at, now) });
}

/** When it began, or was asked for, to the second. */
export const beganAt = ({ startedAt, queuedAt }: Pick<Job, 'startedAt' | 'queuedAt'>): string =>
  startedAt ?? queuedAt;

export function startText(run: Pick<Job, 'startedAt' | 'queuedAt'>, now: number): string {
  return formatClock(beganAt(run), now);
}

/** How long it took, or has taken so far; null for what did not begin. */
export function tookMs(run: Pick<Job, 'startedAt' | 'finishedAt'>, now: number): number | null {
  if (run.startedAt === null) return null;
  return Math.max(
    0,
    (run.finishedAt === null ? now : Date.parse(run.finishedAt)) - Date.parse(run.startedAt),
  );
}

/** "+1,204", "−12", "0": records more or less than before; null where that is not known. */
export function deltaText({ records, recordsBefore }: Pick<Job, 'records' | 'recordsBefore'>): string | null {
  if (records === null) return null;
  return formatSigned(records - (recordsBefore ?? 0));
}

const places: readonly [
  begins: RegExp,
  place: 'signIn' | 'source' | 'database' | 'network' | 'vault' | 'tables',
][] = [
  [/^(SIGN_IN|OAUTH|KEY_|WRONG_ACCOUNT|SHARED_SIGN)/, 'signIn'],
  [/^SOURCE_/, 'source'],
  [/^(DB_|SSH_|TARGET_|READER_|CONNECTION_)/, 'database'],
  [/^(OFFLINE|PROXY_)/, 'network'],
  [/^(VAULT_|SECRET_)/, 'vault'],
  [/^(SCHEMA_|PUBLISH_|LEASE_|DATASET_)/, 'tables'],
];

/** Where a run was stopped, in a word; null where nothing did. */
export function causeWord({
  status,
  error,
  notice,
}: Pick<Job, 'status' | 'error' | 'notice'>): string | null {
  if (status === 'failed' && error) {
    const place = places.find(([begins]) => begins.test(error.code))?.[1];
    return t(`runs.cause.${place ?? 'headgate'}`);
  }
  return notice !== null && status === 'completed' ? t('runs.cause.notice') : null;
}
