import { scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Store } from '../store/index.ts';

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** log2 N, r and p of scrypt (RFC 7914): those of the vault's passphrase, 128 MiB and some hundred milliseconds a guess. */
const usualCost = { ln: 17, r: 8, p: 1 };
export type Cost = typeof usualCost;
const saltBytes = 16;
const hashBytes = 32;
/** So many wrong ones in a row cost nothing yet: everybody mistypes. */
const freeTries = 3;
/** Whoever mistyped all morning is not kept out for longer than this. */
const longestWaitMs = 15 * 60_000;

/** `$scrypt$ln=17,r=8,p=1$salt$hash`: the PHC string format, base64 without padding. */
const phc = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;
const base64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

/** How long to wait after so many wrong ones in a row: nothing, then 2, 4, 8 … seconds. */
export function waitAfter(failures: number): number {
  return failures < freeTries ? 0 : Math.min(2 ** (failures - freeTries + 1) * 1000, longestWaitMs);
}

/** Says that no passphrase is looked at before then, in milliseconds since 1970. */
export function tooManyTries(until: number): AppError {
  const instant = new Date(until).toISOString();
  return new AppError('TOO_MANY_TRIES', say('people.tooManyTries', { until: { instant } }), {
    until: instant,
  });
}

/** Passphrases of profiles: how they are kept, checked, and guarded against guessing. */
export function createPassphrases(deps: {
  store: Pick<Store, 'people' | 'transaction'>;
  /** Milliseconds since 1970. */
  now: () => number;
  random: (bytes: number) => Buffer;
  cost?: Cost;
}) {
  const { store, now, random, cost = usualCost } = deps;
  /** Of ids that belong to nobody, all together: they cost and answer as those of people do. */
  let strangers = { failures: 0, waitUntil: null as string | null };
  let turn: Promise<unknown> = Promise.resolve();

  /** One derivation at a time: each takes 128 MiB, and a try must be counted before the next one is looked at. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => {});
    return mine;
  };
  const hashWith = (passphrase: string, salt: Buffer, { ln, r, p }: Cost): Promise<Buffer> =>
    // maxmem: scrypt needs 128·N·r bytes; Node's default limit is below that.
    derive(passphrase.normalize('NFKC'), salt, hashBytes, { N: 2 ** ln, r, p, maxmem: 256 * 2 ** ln * r });

  const fits = async (passphrase: string, stored: string | null): Promise<boolean> => {
    const found = phc.exec(stored ?? '');
    // Where there is nothing to compare with it takes as long, and answers the same.
    if (!found) {
      await hashWith(passphrase, random(saltBytes), cost);
      return false;
    }
    const [ln = 0, r = 0, p = 0] = found.slice(1, 4).map(Number);
    const [salt, wanted] = found.slice(4).map((text) => Buffer.from(text, 'base64')) as [Buffer, Buffer];
    return timingSafeEqual(await hashWith(passphrase, salt, { ln, r, p }), wanted);
  };

  const triesOf = (personId: string) =>
    store.people.find(personId) ? store.people.tries(personId) : strangers;
  const keepTries = (personId: string, tries: typeof strangers): void => {
    if (store.people.find(personId)) store.people.setTries(personId, tries);
    else strangers = tries;
  };

  /** Until when no passphrase of this person is looked at; null when one is. */
  const waitUntil = (personId: string): number | null => {
    const tries = triesOf(personId);
    if (tries.waitUntil === null) return null;
    const at = Date.parse(tries.waitUntil);
    const longest = now() + waitAfter(tries.failures);
    if (at <= longest) return at > now() ? at : null;
    // The clock was set back: the wait begins anew, and must be written down, or it would begin anew with every look.
    keepTries(personId, { ...tries, waitUntil: new Date(longest).toISOString() });
    return longest;
  };

  /**
   * Takes one of the tries, before it is known how it ends: so neither calls at the same moment nor processes that are
   * killed in time get one more.
   */
  const take = (personId: string): void => {
    // What this writes down after a change of the clock must not be undone with the refusal.
    waitUntil(personId);
    store.transaction(() => {
      const until = waitUntil(personId);
      if (until !== null) throw tooManyTries(until);
      const failures = triesOf(personId).failures + 1;
      const wait = waitAfter(failures);
      keepTries(personId, {
        failures,
        waitUntil: wait === 0 ? null : new Date(now() + wait).toISOString(),
      });
    });
  };

  return {
    /** The PHC string of a new passphrase. */
    hash: (passphrase: string): Promise<string> =>
      inTurn(async () => {
        const salt = random(saltBytes);
        const { ln, r, p } = cost;
        return `$scrypt$ln=${ln},r=${r},p=${p}$${base64(salt)}$${base64(await hashWith(passphrase, salt, cost))}`;
      }),
    /**
     * Passes when it is this person's passphrase. Fails with PASSPHRASE_WRONG, also for somebody who does not exist or
     * has none, and with TOO_MANY_TRIES without looking at it.
     */
    check: (personId: string, passphrase: string): Promise<void> =>
      inTurn(async () => {
        take(personId);
        if (!(await fits(passphrase, store.people.passphrase(personId)))) {
          throw new AppError('PASSPHRASE_WRONG', say('people.notPassphraseProfile'));
        }
        store.people.clearTries(personId);
      }),
    waitUntil,
  };
}
export type Passphrases = ReturnType<typeof createPassphrases>;
