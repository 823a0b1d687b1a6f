import { Dice, hashText, hexId, makeIds, mix32 } from '../shared/random.ts';
import { NAMES, USERNAMES, VILLAGES } from '../shared/words.ts';
import type { Columns } from './store.ts';
import { DAY, SECOND } from './time.ts';
import type { GeneratedDomainSpec } from './types.ts';

/** What the forms and the cases of one generated domain share: ids, people and how rows link. */
export interface World {
  readonly spec: GeneratedDomainSpec;
  readonly salt: number;
  readonly publicUrl: string;
  readonly formIds: ReturnType<typeof makeIds>;
  readonly caseIds: ReturnType<typeof makeIds>;
  readonly apps: readonly { readonly id: string; readonly build: string }[];
  readonly users: readonly { readonly id: string; readonly username: string; readonly device: string }[];
}

/** Derives everything of a domain from its name, seed and sizes. */
export function makeWorld(spec: GeneratedDomainSpec, publicUrl: string): World {
  const salt = mix32(hashText(spec.name) ^ Math.imul(spec.seed, 0x9e3779b1));
  const key = `${spec.name}/${spec.seed}`;
  return {
    spec,
    salt,
    publicUrl,
    formIds: makeIds(mix32(salt + 1)),
    caseIds: makeIds(mix32(salt + 2)),
    apps: [1, 2].map((n) => ({ id: hexId(`${key}/app/${n}`), build: hexId(`${key}/build/${n}`) })),
    users: USERNAMES.map((username) => ({
      id: hexId(`${key}/user/${username}`),
      username,
      device: hexId(`${key}/device/${username}`).slice(0, 16),
    })),
  };
}

export type CaseType = 'village' | 'patient' | 'referral';

/** One case in ten is a village, one a referral of a patient, the others are patients of that village. */
export function caseType(index: number): CaseType {
  const place = index % 10;
  return place === 0 ? 'village' : place === 9 ? 'referral' : 'patient';
}

/** The case a case points at, by index: villages are roots, the parent always comes earlier. */
export function parentOf(index: number): number | undefined {
  const place = index % 10;
  if (place === 0) return undefined;
  return place === 9 ? index - 9 + 1 + (Math.floor(index / 10) % 8) : index - place;
}

export function caseName(world: World, index: number): string {
  const type = caseType(index);
  if (type === 'referral') return `REF-${String(index).padStart(7, '0')}`;
  const list = type === 'village' ? VILLAGES : NAMES;
  return `${list[mix32(world.salt + index) % list.length] ?? list[0]}${type === 'village' ? ` ${index / 10}` : ''}`;
}

export function caseOwner(world: World, index: number): string {
  return world.users[mix32(world.salt ^ (Math.floor(index / 10) + 77)) % world.users.length]?.id ?? '';
}

/** Forms visit the cases in turn, so the forms of a case are `case, case + n, case + 2n…`. */
export function caseOfForm(world: World, index: number): number | undefined {
  return world.spec.cases > 0 ? index % world.spec.cases : undefined;
}

const START = Date.UTC(2024, 0, 1) * 1000;
const SPAN = 730 * DAY;

/**
 * Fills the three time columns of rows `from` to `to`: received in index order, indexed a little later with
 * about one row in seven sharing the moment of its neighbour, whole milliseconds apart otherwise.
 */
export function fillTimes(world: World, from: number, to: number, after: number, columns: Columns): void {
  const { spec } = world;
  const dice = new Dice(world.salt ^ 0x71e5);
  const start = from === 0 ? START : after + 5 * SECOND;
  const step = from === 0 ? Math.floor(SPAN / Math.max(1, to)) : 10 * SECOND;
  const tie = spec.tie;
  let next = Number.POSITIVE_INFINITY;
  for (let i = to - 1; i >= from; i -= 1) {
    dice.at(i);
    const received = start + (i - from) * step + dice.below(Math.max(1, Math.floor(step / 2)));
    const processed = received + 20_000 + dice.below(70_000);
    const joins = dice.percent(14) || (tie !== undefined && i >= tie.at && i < tie.at + tie.count - 1);
    const own = Math.min(processed + 900_000 + dice.below(900_000), next - 2000);
    const shares = joins && Number.isFinite(next);
    const base = Math.floor(shares ? next : own);
    columns.received[i] = received;
    columns.serverModified[i] = processed;
    columns.indexedOn[i] = spec.subMillisecond ? base - (base % 1000) + dice.below(1000) : base;
    next = base;
  }
}
