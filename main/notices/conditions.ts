import type {
  Credential,
  HealthState,
  NoticeEvent,
  NoticeOutcome,
  NoticeSubject,
} from '../../preload/contract/models.ts';
import type { Role } from '../../preload/contract/permissions.ts';
import type { Plan } from '../calendar/admission.ts';
import { mostRetries } from '../calendar/retry.ts';
import { lengthOfPart, longestInterval } from '../calendar/times.ts';

/*
 * What is the matter at this moment, derived from what the store says and from nothing else: so that a restart, a second
 * process or a lost event changes nothing.
 */

/** What is known of a dataset; times are milliseconds since 1970. */
export interface DatasetState {
  readonly id: string;
  readonly project: string;
  readonly source: string;
  readonly connectionId: string;
  readonly connection: string;
  /** Whose it is; null for a project's. */
  readonly personId: string | null;
  /** The sign-in that it is read with; null without one. */
  readonly signInId: string | null;
  readonly plan: Plan;
  readonly isHeld: boolean;
  readonly isExpired: boolean;
  /** The code of what it failed with last; null where the last attempt did not fail. */
  readonly error: string | null;
  readonly dataAsOf: number | null;
  readonly triedAt: number | null;
  readonly usedAt: number;
  /** When its tables go if nobody uses them; null for never. */
  readonly expiresAt: number | null;
}

export interface SignInState {
  readonly id: string;
  readonly source: string;
  readonly sourceIsActive: boolean;
  readonly project: string | null;
  readonly personId: string | null;
  readonly state: Credential['state'];
  /** Whoever signed in has left, and the project is still read with their account. */
  readonly signerLeft: boolean;
  /** When it ends by itself. */
  readonly endsAt: number | null;
}

export interface ConnectionState {
  readonly id: string;
  readonly name: string;
  readonly isActive: boolean;
  readonly health: HealthState;
  readonly checkedAt: number | null;
}

export interface World {
  readonly now: number;
  readonly isOffline: boolean;
  /** Since when this computer is on a network, as far as this process saw. */
  readonly onlineSince: number;
  /** Since when the timetable is looked after without a gap: what is late because the computer slept is made up first. */
  readonly watchedSince: number;
  /** Somebody holds scheduled refreshes back on this computer. */
  readonly isHeldBack: boolean;
  readonly datasets: readonly DatasetState[];
  readonly signIns: readonly SignInState[];
  readonly connections: readonly ConnectionState[];
  /** When what is over was over last, by key. */
  readonly endedAt: (key: string) => number;
}

/** Whom something concerns: whoever holds one of the roles, and these people. */
export interface Audience {
  readonly roles: readonly Role[];
  readonly people: readonly string[];
}

/** Something that is the matter with one thing. */
export interface Condition {
  readonly key: string;
  readonly event: NoticeEvent;
  readonly subject: NoticeSubject;
  readonly audience: Audience;
  /** What is behind it: while one of these is the matter too, this one is not told beside it. */
  readonly causes: readonly string[];
}

/** All that was looked at: what is the matter, what is not and why it is over, and what can't be said at this moment. */
export interface Findings {
  readonly conditions: readonly Condition[];
  readonly calm: ReadonlyMap<string, NoticeOutcome>;
  readonly undecided: ReadonlySet<string>;
  /** Of those, what may well be the matter: it is behind other things until it is known. */
  readonly suspected: ReadonlySet<string>;
}

export const keys = {
  dataset: (id: string): string => `dataset:${id}`,
  data: (id: string): string => `data:${id}`,
  signIn: (id: string): string => `sign_in:${id}`,
  connection: (id: string): string => `connection:${id}`,
};

const hourMs = 3_600_000;
/** What is late is told only when it was looked after for so long. */
const graceMs = hourMs;
/** So much of the time that unused tables stay is left when it is told, and at most a day. */
const noticeShare = 1 / 4;
const longestNoticeMs = 24 * hourMs;

const iso = (at: number): string => new Date(at).toISOString();
const nothing: NoticeSubject = {
  ...{ project: null, source: null, connection: null, code: null, waiting: 0, until: null },
};
const isDown = (health: HealthState): boolean => health === 'fails' || health === 'unreachable';
const isEnded = (state: Credential['state']): boolean => state !== 'valid' && state !== 'expiring';
const isActive = ({ plan }: DatasetState): boolean => plan.linkIsActive && plan.sourceIsActive;

const audienceOf = (personId: string | null): Audience =>
  personId === null ? { roles: ['project_admin'], people: [] } : { roles: [], people: [personId] };

/** Older than twice its interval, though it is refreshed by the clock and somebody looked after that. */
function isStale(dataset: DatasetState, causes: readonly string[], world: World): boolean {
  const { plan, dataAsOf } = dataset;
  if (dataAsOf === null || plan.plannedAt === null || world.isHeldBack) return false;
  if (world.now - world.watchedSince < graceMs) return false;
  const quiet = plan.quietHours === null ? 0 : lengthOfPart(plan.quietHours);
  // After what kept it from being refreshed it has its time again.
  const since = Math.max(dataAsOf, ...causes.map(world.endedAt));
  return world.now - since > 2 * longestInterval(plan.schedule) + quiet;
}

/** It failed at its last retry, and was tried since what kept it from succeeding is over. */
const hasFailed = (
  { plan, error, triedAt }: DatasetState,
  causes: readonly string[],
  world: World,
): boolean =>
  error !== null &&
  plan.failures > mostRetries &&
  causes.every((cause) => (triedAt ?? 0) >= world.endedAt(cause));

function ofDataset(dataset: DatasetState, world: World): NoticeEvent | null {
  // A person has to decide, whether it is refreshed further or not.
  if (dataset.isHeld) return 'held';
  if (!isActive(dataset)) return null;
  const causes = causesOf(dataset);
  if (hasFailed(dataset, causes, world)) return 'failed';
  return isStale(dataset, causes, world) ? 'stale' : null;
}

const causesOf = ({ connectionId, signInId }: DatasetState): string[] => [
  keys.connection(connectionId),
  ...(signInId === null ? [] : [keys.signIn(signInId)]),
];

/** What is the matter in this world. Pure. */
export function findingsOf(world: World): Findings {
  const conditions: Condition[] = [];
  const calm = new Map<string, NoticeOutcome>();
  const undecided = new Set<string>();
  const suspected = new Set<string>();

  for (const connection of world.connections) {
    const { id, name, health } = connection;
    const key = keys.connection(id);
    const on = world.datasets.filter(({ connectionId }) => connectionId === id);
    if (!connection.isActive) calm.set(key, 'off');
    else if (health === 'unknown') undecided.add(key);
    else if (!isDown(health)) calm.set(key, 'over');
    // Without a network nothing is reached, and what was looked at then says nothing.
    else if (world.isOffline || (connection.checkedAt ?? 0) < world.onlineSince) suspected.add(key);
    else {
      const people = on.flatMap(({ personId }) => personId ?? []);
      conditions.push({
        ...{ key, event: 'connection_down', causes: [] },
        subject: { ...nothing, connection: name, code: health, waiting: on.filter(isActive).length },
        // Whose datasets are not told beside it has to hear of it.
        audience: {
          roles: on.some(({ personId }) => personId === null) ? ['dba', 'project_admin'] : ['dba'],
          people: [...new Set(people)],
        },
      });
    }
  }

  for (const signIn of world.signIns) {
    const { id, source, project, personId, state, endsAt } = signIn;
    const key = keys.signIn(id);
    if (!signIn.sourceIsActive) calm.set(key, 'off');
    else if (state === 'valid' && signIn.signerLeft) {
      const subject = { ...nothing, project, source };
      conditions.push({ key, event: 'signer_left', subject, audience: audienceOf(personId), causes: [] });
    } else if (state === 'valid') calm.set(key, 'over');
    else {
      // One that only ends soon keeps nothing waiting yet.
      const waiting = world.datasets.filter(
        (each) => isEnded(state) && each.signInId === id && isActive(each),
      ).length;
      const until = state === 'expiring' && endsAt !== null ? iso(endsAt) : null;
      conditions.push({
        ...{ key, event: isEnded(state) ? 'sign_in_expired' : 'sign_in_expiring', causes: [] },
        subject: { ...nothing, project, source, waiting, until },
        audience: audienceOf(personId),
      });
    }
  }

  for (const dataset of world.datasets) {
    const { project, source, personId, expiresAt, usedAt } = dataset;
    const audience = audienceOf(personId);
    const event = ofDataset(dataset, world);
    const key = keys.dataset(dataset.id);
    if (event === null) calm.set(key, dataset.isExpired ? 'gone' : isActive(dataset) ? 'over' : 'off');
    else {
      const code = event === 'failed' ? dataset.error : null;
      const causes = event === 'held' ? [] : causesOf(dataset);
      conditions.push({ key, event, audience, causes, subject: { ...nothing, project, source, code } });
    }
    const goes = keys.data(dataset.id);
    const ahead = expiresAt === null ? 0 : Math.min(longestNoticeMs, (expiresAt - usedAt) * noticeShare);
    if (expiresAt !== null && !dataset.isHeld && !dataset.isExpired && expiresAt - world.now <= ahead) {
      const subject = { ...nothing, project, source, until: iso(expiresAt) };
      conditions.push({ key: goes, event: 'expiring_data', audience, causes: [], subject });
    } else calm.set(goes, dataset.isExpired ? 'gone' : 'over');
  }
  return { conditions, calm, undecided: new Set([...undecided, ...suspected]), suspected };
}
