import type { ConnectionTest, RotationResult } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import type { SecretBytes } from '../../engines/engine.ts';
import { engineFor, usersOf } from '../../engines/registry.ts';
import { AppError } from '../../errors.ts';
import type { StoredDetail, StoredRotation } from '../../store/connections/connections.ts';
import type { Services } from '../context.ts';
import type { OtherLogin } from '../parts.ts';
import { withTarget } from './targets.ts';

/** How long a rotation can be undone; the old secret is kept so long. */
const undoMs = 24 * 60 * 60 * 1000;
/** A change that began longer ago than this is not under way any more: whoever made it was cut off. */
const longestChangeMs = 5 * 60_000;
/** Once the server is being told, the change is finished or taken back, but not for ever. */
const tellingMs = 60_000;

/** What the record of a connection keeps of logins. `next` is written before the server is told it. */
export const loginFields = {
  present: { user: 'user', password: 'password' },
  previous: { user: 'previous.user', password: 'previous.password' },
  next: { user: 'next.user', password: 'next.password' },
} as const;
const { present, previous, next } = loginFields;

/** Whether a test came so far that the login itself is proven, whatever it found above. */
const letIn = ({ rungs }: ConnectionTest): boolean =>
  ['login', 'database'].every((name) =>
    rungs.some((rung) => rung.name === name && rung.state !== 'failed' && rung.state !== 'not_reached'),
  );

/** Of these failures nobody knows whether the server took the password before. */
const leavesOpen = ({ kind, code }: AppError): boolean =>
  kind === 'transient' || code === 'CANCELLED' || code === 'DB_TLS';

type Parts = Pick<Services, 'store' | 'vault' | 'host' | 'readers' | 'now' | 'access'>;

/** The login of a connection, as a copy that the caller overwrites. Fails with SECRET_MISSING. */
export async function loginOf(
  { store, vault }: Pick<Parts, 'store' | 'vault'>,
  id: string,
  fields: { readonly user: string; readonly password: string },
): Promise<OtherLogin> {
  using secrets = await vault.open(id);
  const user = secrets?.text(fields.user) ?? null;
  const password = secrets?.bytes(fields.password) ?? null;
  if (user !== null && password !== null) return { user, password };
  const { name } = store.connections.get(id);
  throw new AppError('SECRET_MISSING', say('connections.userPasswordNotVault', { name }));
}

export interface ChangeOptions {
  /** Whether the server is told, too. */
  readonly onServer: boolean;
  readonly asManyAs?: boolean;
  readonly signal: AbortSignal;
}

const sameLogin = (a: OtherLogin, b: OtherLogin): boolean =>
  a.user === b.user && Buffer.compare(a.password, b.password) === 0;

/**
 * Changes of logins: told to the server, tried everywhere, switched; and what is left of them tidied up. `telling`: how
 * many milliseconds the server has.
 */
export function createRotations(services: Parts, { telling = tellingMs }: { telling?: number } = {}) {
  const { store, vault, host } = services;
  const { background } = services.access;
  let busy = false;

  /** One change at a time: a second one would be told to the server under the first. */
  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    if (busy) {
      throw new AppError('IN_USE', say('connections.anotherPasswordBeingChanged'), {
        advice: say('connections.anotherPasswordBeingChanged.advice'),
      });
    }
    busy = true;
    try {
      return await work();
    } finally {
      busy = false;
    }
  };

  /** As the present login unless another is given. */
  const tried = (
    stored: StoredDetail,
    login: OtherLogin | undefined,
    signal: AbortSignal,
  ): Promise<ConnectionTest> =>
    withTarget(
      services,
      stored.id,
      (target) =>
        engineFor(stored.engine).test(target, {
          at: services.now(),
          readOnly: stored.readOnly,
          lease: stored.lease,
          signal,
        }),
      login,
    );

  /** Tries a login everywhere; the first connection that it does not get into is the answer. */
  const triedEverywhere = async (
    all: readonly StoredDetail[],
    login: OtherLogin,
    signal: AbortSignal,
  ): Promise<{ test: ConnectionTest; works: boolean }> => {
    let first: ConnectionTest | null = null;
    for (const each of all) {
      const test = await tried(each, login, signal);
      first ??= test;
      if (!letIn(test)) return { test, works: false };
    }
    if (!first) throw new AppError('NOT_FOUND', say('connections.noConnectionTry'));
    return { test: first, works: true };
  };

  /** Those that a login gets into now. */
  const lettingIn = async (
    all: readonly StoredDetail[],
    login: OtherLogin,
    signal: AbortSignal,
  ): Promise<StoredDetail[]> => {
    const found: StoredDetail[] = [];
    for (const each of all) if (letIn(await tried(each, login, signal))) found.push(each);
    return found;
  };

  /** Tells the server, as whichever of these it still lets in. */
  const tellServer = async (
    stored: StoredDetail,
    as: readonly OtherLogin[],
    password: SecretBytes,
  ): Promise<void> => {
    // Not the caller's signal: what has begun is finished or taken back, also when the dialog is closed in between.
    const signal = AbortSignal.timeout(telling);
    let failure: unknown;
    for (const login of as) {
      try {
        await withTarget(
          services,
          stored.id,
          (target) => usersOf(stored.engine).changePassword(target, password, signal),
          login,
        );
        return;
      } catch (error) {
        failure = error;
        if (signal.aborted) {
          const text = say('connections.serverDidNotAnswer', {
            connection: stored.name,
            seconds: telling / 1000,
          });
          throw new AppError('DB_TIMEOUT', text, { cause: error });
        }
        if (!(error instanceof AppError) || error.code !== 'DB_LOGIN_REFUSED') break;
      }
    }
    throw failure;
  };

  const noteAll = (ids: readonly string[], rotation: StoredRotation): void =>
    store.transaction(() => {
      for (const id of ids) store.connections.setRotation(id, rotation);
    });

  /** Puts a login in the place of the one in use, for all of them or none, keeping the old one for a day. */
  const switchTo = async (
    all: readonly StoredDetail[],
    to: OtherLogin,
    onServer: boolean,
  ): Promise<string> => {
    const now = services.now();
    const until = new Date(host.clock.now() + undoMs).toISOString();
    const ids = all.map(({ id }) => id);
    const olds: OtherLogin[] = [];
    try {
      for (const id of ids) olds.push(await loginOf(services, id, present));
      // Before it: what is cut off here is looked after by `tidy`, so that the old logins don't stay for good.
      noteAll(ids, { until: now, onServer, ids, pendingSince: now });
      const patches = olds.map((old, at) => ({
        recordId: ids[at] as string,
        fields: {
          [previous.user]: old.user,
          [previous.password]: old.password,
          [present.user]: to.user,
          [present.password]: to.password,
        },
        removed: Object.values(next),
      }));
      await vault.patchAll(patches);
    } finally {
      for (const { password } of olds) password.fill(0);
    }
    noteAll(ids, { until, onServer, ids });
    for (const id of ids) services.readers.forget(id);
    return until;
  };

  /**
   * The whole change of one connection (the first) and those that go with it. When the new login does not get in
   * everywhere, server and vault are as they were, and the answer says why. `asManyAs`: the others are switched as far as
   * the login gets in there, and where the server was told it, which leaves them no other.
   */
  const change = async (
    all: readonly StoredDetail[],
    from: OtherLogin,
    to: OtherLogin,
    { onServer, asManyAs = false, signal }: ChangeOptions,
  ): Promise<RotationResult> => {
    const [one] = all;
    if (!one) throw new AppError('NOT_FOUND', say('connections.noConnectionChange'));
    const before: StoredRotation | null = one.rotation;
    const forgetNext = async (): Promise<void> => {
      // In this order: a note without `next` means that it was switched.
      store.connections.setRotation(one.id, before);
      await vault.patch(one.id, {}, Object.values(next));
    };
    const takeBack = async (): Promise<void> => {
      if (!onServer) return;
      await tellServer(one, [to, from], from.password);
      await forgetNext();
    };
    if (onServer) {
      const now = services.now();
      const ids = all.map(({ id }) => id);
      const pending = { until: now, onServer, ids, pendingSince: now };
      await vault.patch(one.id, { [next.user]: to.user, [next.password]: to.password });
      store.connections.setRotation(one.id, pending);
      try {
        await tellServer(one, [from], to.password);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        if (!leavesOpen(error)) {
          // A refusal changed nothing.
          await forgetNext();
          throw error;
        }
        // Of a lost line nobody knows: what is written down settles it later.
        const text = say('connections.whetherTookNewPassword', { message: error.message });
        throw new AppError(error.code, text, {
          cause: error,
          advice: say('connections.bothPasswordsKeptOnce'),
        });
      }
    }
    let outcome: { test: ConnectionTest; works: boolean };
    let reached = all;
    try {
      outcome = await triedEverywhere(asManyAs ? [one] : all, to, signal);
      if (asManyAs && outcome.works && !onServer)
        reached = [one, ...(await lettingIn(all.slice(1), to, signal))];
    } catch (error) {
      await takeBack();
      throw error;
    }
    if (!outcome.works) {
      await takeBack();
      return { done: false, test: outcome.test, switched: [], undoableUntil: null };
    }
    const until = await switchTo(reached, to, onServer);
    store.connections.recordTest(one.id, outcome.test);
    const switched = reached.map(({ id, name }) => ({ id, name }));
    return { done: true, test: outcome.test, switched, undoableUntil: until };
  };

  /** Of the connections that were rotated together, those that still have the same login as this one, which comes first. */
  const stillAlike = async (stored: StoredDetail): Promise<StoredDetail[]> => {
    const login = await loginOf(services, stored.id, present);
    const found = [stored];
    for (const id of stored.rotation?.ids ?? []) {
      const other = id === stored.id ? null : store.connections.find(id);
      // One whose login was taken out since keeps nobody else from theirs.
      if (other?.host !== stored.host || other.port !== stored.port || !vault.has(id, present.password))
        continue;
      const theirs = await loginOf(services, id, present);
      if (sameLogin(theirs, login)) found.push(other);
      theirs.password.fill(0);
    }
    login.password.fill(0);
    return found;
  };

  /** After a cut beside the vault, which has the one login or the other already: what is noted follows it. */
  const settleNote = ({ id, rotation }: StoredDetail): void => {
    if (rotation?.pendingSince === undefined) return;
    // Whatever becomes of the change, it is told to all of them together.
    if (rotation.ids.some((each) => vault.has(each, next.password))) return;
    const { onServer, ids } = rotation;
    const until = new Date(host.clock.now() + undoMs).toISOString();
    store.connections.setRotation(id, vault.has(id, previous.password) ? { until, onServer, ids } : null);
  };

  /**
   * After a change that was cut off: the password that the server took is the one to go on with. Where neither gets in
   * now, both are kept: the new one may exist nowhere else.
   */
  const settle = async (stored: StoredDetail, signal: AbortSignal): Promise<void> => {
    if (!vault.has(stored.id, next.password)) return settleNote(stored);
    const pending = await loginOf(services, stored.id, next);
    try {
      const test = await tried(stored, pending, signal);
      if (letIn(test)) await switchTo(await stillAlike(stored), pending, true);
      else if (test.error?.code === 'DB_LOGIN_REFUSED' && letIn(await tried(stored, undefined, signal))) {
        await vault.patch(stored.id, {}, [...Object.values(next), ...Object.values(previous)]);
        store.connections.setRotation(stored.id, null);
      }
    } finally {
      pending.password.fill(0);
    }
  };

  return {
    alone,
    change,
    settle,
    stillAlike,
    /** Whether a change was cut off of which it is not known yet what became of it. */
    isOpen: (id: string): boolean => vault.has(id, next.password),
    /** Forgets the old login for good. */
    async forgetPrevious(id: string): Promise<void> {
      await vault.patch(id, {}, Object.values(previous));
      store.connections.setRotation(id, null);
    },
    /** Looks after what rotations leave behind: ones that were cut off, and old secrets that can't come back. Never rejects. */
    async tidy(signal: AbortSignal): Promise<void> {
      const rotated = store.connections.rotated();
      for (const { id } of store.connections.all()) {
        if (rotated.some((one) => one.id === id) || !vault.has(id, next.password)) continue;
        // Written down and not noted, or the other way round: noted now, and settled once nobody can be at it any more.
        const now = services.now();
        noteAll([id], { until: now, onServer: true, ids: [id], pendingSince: now });
      }
      for (const { id, rotation } of rotated) {
        try {
          if (rotation.pendingSince !== undefined) {
            const age = host.clock.now() - Date.parse(rotation.pendingSince);
            if (age > longestChangeMs && !busy) {
              await alone(() => settle(store.connections.get(id), signal));
              background.did('background.rotation', `connectionId=${id}`, 'settled what was cut off');
            }
          } else if (rotation.until <= services.now()) {
            await this.forgetPrevious(id);
            background.did('background.rotation', `connectionId=${id}`, 'forgot the login before');
          }
        } catch (error) {
          host.log.warn('rotation.not_tidied', { connectionId: id, error });
        }
      }
    },
  };
}
export type Rotations = ReturnType<typeof createRotations>;
