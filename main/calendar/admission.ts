import type { Outlook, PartOfDay, Schedule, WaitCode } from '../../preload/contract/models.ts';
import { endOfPart } from './times.ts';

/** A start is put off by up to this part of the interval, and no longer than that: not everybody asks at 06:00 sharp. */
const spreadShare = 0.05;
const longestSpreadMs = 3 * 60_000;
const hourMs = 3_600_000;

/** What a link and the attempts so far say about a dataset. */
export interface Plan {
  readonly schedule: Schedule;
  readonly quietHours: PartOfDay | null;
  readonly linkIsActive: boolean;
  readonly sourceIsActive: boolean;
  /** Milliseconds since 1970: the planned time, and an attempt before that after a failure. Null where there is none. */
  readonly plannedAt: number | null;
  readonly retryAt: number | null;
  /** Attempts in a row that failed. */
  readonly failures: number;
}

/** What the timetable knows of a dataset. */
export interface Candidate {
  readonly id: string;
  readonly plan: Plan;
  readonly isHeld: boolean;
  readonly hasJob: boolean;
  readonly signIn: 'valid' | 'expired' | 'missing';
}

/** What it knows of the world. */
export interface World {
  readonly now: number;
  readonly isVaultLocked: boolean;
  /** A person holds scheduled refreshes back on this computer. */
  readonly isMetered: boolean;
}

/** 0 ≤ n < 1, always the same for an id. */
function fractionOf(id: string): number {
  let hash = 2_166_136_261;
  for (const char of id) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16_777_619);
  // Ids that differ at their end alone differ in the low bits so far.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** How long after the planned time a dataset is begun: always the same for it, so that nobody is left out. */
export function spreadMs({ id, plan }: Pick<Candidate, 'id' | 'plan'>): number {
  const step = plan.schedule.kind === 'every' ? plan.schedule.hours * hourMs : 24 * hourMs;
  return Math.floor(fractionOf(id) * Math.min(longestSpreadMs, step * spreadShare));
}

/**
 * Whether a dataset is refreshed by the clock now, and if not, why and until when as far as is known. Pure, so that every
 * decision can be told before it is made.
 */
export function decide(candidate: Candidate, world: World): Outlook & { readonly starts: boolean } {
  const { plan, signIn } = candidate;
  const { now } = world;
  const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
  const dueAt = plan.retryAt ?? plan.plannedAt;
  const later = (wait: WaitCode, until: number | null = null) => ({
    ...{ starts: false, at: iso(dueAt), wait, until: iso(until), failures: plan.failures },
  });
  if (candidate.hasJob) return later('under_way');
  if (candidate.isHeld) return later('held');
  if (!plan.sourceIsActive) return later('source_off');
  if (!plan.linkIsActive) return later('link_off');
  if (signIn === 'missing') return later('signed_out');
  if (signIn === 'expired') return later('sign_in_expired');
  const begins = dueAt === null ? null : dueAt + (plan.retryAt === null ? spreadMs(candidate) : 0);
  if (begins === null || begins > now) {
    const why = plan.retryAt !== null ? 'retry' : plan.failures > 0 ? 'needs_you' : 'not_yet';
    return later(why, dueAt);
  }
  if (world.isVaultLocked) return later('vault_locked');
  if (world.isMetered) return later('metered');
  const quiet = plan.quietHours === null ? null : endOfPart(plan.quietHours, now);
  if (quiet !== null) return later('quiet_hours', quiet);
  return { ...later('not_yet'), starts: true };
}

/** How many run at once, and how many may. `database` is null where nobody knows how many sessions are free. */
export interface Load {
  readonly computer: { readonly running: number; readonly limit: number };
  readonly source: { readonly running: number; readonly limit: number };
  readonly database: { readonly running: number; readonly limit: number | null };
}

/**
 * Whether one more sync has room, or what it waits for. The first one of a database is always let in: what keeps it from
 * running it finds out, and says, itself.
 */
export function roomFor({ computer, source, database }: Load): WaitCode | null {
  if (computer.running >= computer.limit) return 'computer_busy';
  if (source.running >= source.limit) return 'source_busy';
  if (database.running > 0 && (database.limit === null || database.running >= database.limit))
    return 'database_busy';
  return null;
}
