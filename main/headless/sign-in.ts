import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Session } from './commands/commands.ts';

/** Who a command is run as, and how they prove it. */
export interface Seat {
  /** Name or id of a profile; undefined where nobody was named. */
  readonly as: string | undefined;
  /** Null where there is none and nobody can be asked. */
  readonly passphrase: (name: string) => Promise<string | null>;
}

/** Often enough for the shortest idle time there is, one minute. */
const touchMs = 20_000;

/** Takes who is to sign in, and the passphrase, out of the environment: what is started from here must not inherit it. */
export function seatFromEnv(env: NodeJS.ProcessEnv): {
  as: string | undefined;
  passphrase: string | undefined;
} {
  const { HEADGATE_PERSON: as, HEADGATE_PERSON_PASSPHRASE: passphrase } = env;
  delete env['HEADGATE_PERSON_PASSPHRASE'];
  return { as: as || undefined, passphrase: passphrase || undefined };
}

/**
 * Signs in where the workspace asks for it. Fails with LOCKED where nobody was named or no passphrase can be had, and with
 * PASSPHRASE_WRONG or TOO_MANY_TRIES.
 */
export async function signIn({ api }: Session, seat: Seat): Promise<void> {
  const { person, locked, profiles } = await api.session.state();
  const { as } = seat;
  const names = profiles.map((profile) => profile.name);
  if (as === undefined) {
    if (!locked) return;
    throw new AppError('LOCKED', say('command.peopleWorkspaceSignPassphrase'), {
      advice: say('command.peopleWorkspaceSignPassphrase.advice', { names }),
    });
  }
  const exact = profiles.filter(({ id, name }) => name === as || id === as);
  const alike = profiles.filter(({ name }) => name.toLowerCase() === as.toLowerCase());
  const [found, second] = exact.length > 0 ? exact : alike;
  if (!found || second) {
    const text = second ? say('command.severalProfilesNamedLike', { as }) : say('command.noProfile', { as });
    throw new AppError('NOT_FOUND', text, { advice: say('command.profiles', { names }) });
  }
  if (!locked && person?.id === found.id) return;
  const passphrase = await seat.passphrase(found.name);
  if (passphrase === null) {
    throw new AppError('LOCKED', say('command.noPassphraseSign', { name: found.name }), {
      advice: say('command.noPassphraseSign.advice'),
    });
  }
  await api.session.signIn({ personId: found.id, passphrase });
}

/** A command that runs for hours is at work, not idle. Returns what stops it. */
export function keepAwake({ api }: Session): () => void {
  const timer = setInterval(() => void api.session.touch().catch(() => {}), touchMs);
  timer.unref();
  return () => clearInterval(timer);
}
