import { changeTexts, plain, type Said } from '../../preload/contract/said.ts';
import { below, say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Question, YesNo } from '../host.ts';
import { oneLine } from '../one-line.ts';
import type { Caller, Services } from './context.ts';

/**
 * Has the person confirm, outside the page, what a page could else do in their name. Fails with CANCELLED where they do not,
 * and with LOCKED where the session was locked meanwhile.
 */
export async function insistConfirmed(
  { access }: Pick<Services, 'access'>,
  caller: Pick<Caller, 'person' | 'seat' | 'signal' | 'left'>,
  question: YesNo,
): Promise<void> {
  const agreed = await caller.seat.desk.confirm(question, AbortSignal.any([caller.signal, caller.left]));
  access.insistSeated(caller);
  if (!agreed) throw new AppError('CANCELLED', say('services.notConfirmedMessageAsked'));
}

/**
 * The same, for what decides who opens every secret: where the person has a passphrase, it is asked for first, at a window
 * in one of its own. At a terminal it was, when they signed in.
 */
export async function insistThemselves(
  services: Pick<Services, 'access' | 'store'>,
  caller: Caller,
  question: YesNo,
): Promise<void> {
  await insistOwnPassphrase(services, caller, question);
  await insistConfirmed(services, caller, question);
}

/** Only the passphrase, for what the person then types a new one for: that is their yes. */
export async function insistOwnPassphrase(
  { access, store }: Pick<Services, 'access' | 'store'>,
  caller: Caller,
  { title, what }: Question,
): Promise<void> {
  const { person, seat } = caller;
  if (seat.kind === 'window' && store.people.passphrase(person.id) !== null)
    await access.reauthenticate(caller, undefined, { title, what });
}

/** Parts of what is asked, with a blank line between them. */
export function paragraphs(parts: readonly Said[]): Said {
  return below(parts.flatMap((part, at) => (at === 0 ? [part] : [plain(''), part])));
}

/** Names for such a question: as many as can be read, then how many more. */
export function someOf(names: readonly (string | Said)[], most = shownNames): Said {
  const shown = names.slice(0, most).map((name) =>
    say('asks.bullet', {
      name: changeTexts(typeof name === 'string' ? plain(name) : name, (text) => oneLine(text.slice(0, 80))),
    }),
  );
  const more = names.length - shown.length;
  return below([...shown, ...(more > 0 ? [say('asks.more', { more })] : [])]);
}
const shownNames = 12;
