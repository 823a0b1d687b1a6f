import type { ErrorCode } from '../../preload/contract/errors.ts';
import type { Schema } from '../../preload/contract/models.ts';
import { plain, type Said } from '../../preload/contract/said.ts';
import type { TypedKind } from '../../preload/contract/typed.ts';
import { say, several } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Question, TypedQuestion } from '../host.ts';
import type { Redactor } from '../redact.ts';
import { tooManyTries } from './passphrases.ts';
import type { Seat } from './seats.ts';

/** Who can be asked to type something; the asking ends with the signal. */
export interface AskedSeat {
  readonly seat: Seat;
  readonly signal: AbortSignal;
  /** Whoever called does not sit there any more, or behind a lock: what they are asked goes, what is done for them goes on. */
  readonly left: AbortSignal;
  /** Writes down a try that was refused, where the call goes on after it. */
  readonly refused: (code: ErrorCode) => void;
}

/** What is asked for, and under which heading. */
export interface Asked extends Question {
  /** What the field is called. */
  readonly label: Said;
}

/** What people type: at a window in one of its own, at a terminal it comes with the call. */
export interface Typed {
  /**
   * Something that exists already. At a window it is asked for again, with what was wrong, until `check` takes it; what a page
   * sends in its place does not count. Fails with CANCELLED where they close the window, with LOCKED where somebody else sits
   * there by then, at a terminal with PASSPHRASE_NEEDED where nothing was given, and with whatever else `check` fails with.
   */
  known<T>(
    who: AskedSeat,
    given: string | undefined,
    asked: Asked & {
      readonly kind?: Exclude<TypedKind, 'new'>;
      /** Until when nothing is looked at, in milliseconds since 1970. */
      readonly waitUntil?: () => number | null;
    },
    check: (typed: string) => Promise<T>,
  ): Promise<T>;
  /** Something that is made here. Fails like `known`; `rule` is what the contract wants of it. */
  made(
    who: AskedSeat,
    given: string | undefined,
    asked: Asked & { readonly shortest: number; readonly rule: Schema },
  ): Promise<string>;
  /** Runs `work` while no log and no error can tell `typed`. */
  hidden<T>(typed: string, work: () => Promise<T>): Promise<T>;
}

/** What says that something else has to be typed. */
const wrong: readonly ErrorCode[] = ['PASSPHRASE_WRONG', 'BUNDLE_WRONG_KEY'];

/** Asks people for what they prove themselves with, or takes what a terminal gave. */
export function createTyped(redactor: Pick<Redactor, 'add'>): Typed {
  const hidden: Typed['hidden'] = async (typed, work) => {
    const forget = redactor.add(typed);
    try {
      return await work();
    } finally {
      forget();
    }
  };
  /** Asks once; whoever sat there must still be there when it is answered. */
  const ask = async (who: AskedSeat, question: TypedQuestion): Promise<string> => {
    const { session, desk } = who.seat;
    const before = session.person()?.id;
    const typed = await desk.askTyped(question, AbortSignal.any([who.signal, who.left]));
    if (session.person()?.id !== before) throw new AppError('LOCKED', say('people.sessionLocked'));
    if (typed === null) throw new AppError('CANCELLED', say('people.nothingEnteredWindowAsked'));
    return typed;
  };
  const insistGiven = (given: string | undefined): string => {
    if (given !== undefined && given !== '') return given;
    throw new AppError('PASSPHRASE_NEEDED', say('people.passphraseGivenCallNot'), {
      advice: say('people.passphraseGivenCallNot.advice'),
    });
  };
  return {
    hidden,
    async known(who, given, { kind = 'known', waitUntil = () => null, ...asked }, check) {
      if (who.seat.kind !== 'window') {
        const typed = insistGiven(given);
        return hidden(typed, () => check(typed));
      }
      const until = waitUntil();
      if (until !== null) throw tooManyTries(until);
      let problem: Said | null = null;
      let before = '';
      for (;;) {
        const typed = await ask(who, { ...asked, kind, shortest: 1, problem, before });
        try {
          return await hidden(typed, () => check(typed));
        } catch (error) {
          const mistyped = kind === 'key' && error instanceof AppError && error.code === 'INPUT_INVALID';
          if (!(error instanceof AppError) || !(mistyped || wrong.includes(error.code))) throw error;
          if (error.kind === 'denied') who.refused(error.code);
          const wait = waitUntil();
          const until = wait === null ? null : { instant: new Date(wait).toISOString() };
          const next = until === null ? error.advised : say('ask.nextAfter', { until });
          problem = several([error.said, next]);
          // A key is long: who mistyped one group corrects it.
          before = kind === 'key' ? typed : '';
        }
      }
    },
    async made(who, given, { rule, ...asked }) {
      if (who.seat.kind !== 'window') return insistGiven(given);
      let problem: Said | null = null;
      for (;;) {
        const typed = await ask(who, { ...asked, kind: 'new', problem, before: '' });
        const [issue] = rule.safeParse(typed).error?.issues ?? [];
        if (issue === undefined) return typed;
        // The window looks too; this is for desks that do not.
        problem =
          typed.length < asked.shortest
            ? say('ask.short', { shortest: asked.shortest })
            : say('ask.notTaken', { why: plain(issue.message) });
      }
    },
  };
}
