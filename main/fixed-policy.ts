import { policy } from '../preload/contract/models.ts';
import type { Said } from '../preload/contract/said.ts';
import { say } from '../preload/messages/said.ts';
import { AppError } from './errors.ts';
import type { Host } from './host.ts';
import { readPlainFileSync } from './plain-file.ts';

/** Where whoever manages a computer decides for everybody on it, and the user whose file it must be. */
export interface PolicyPlace {
  readonly file: string;
  /** A user's number; not asked on Windows, where the access list of the folder decides. */
  readonly owner: number;
}

/** Not out of the environment, which is the user's: who decides for everybody must not be asked of one of them. */
export const policyPlaceOf = (platform: string): PolicyPlace => ({
  file: platform === 'win32' ? 'C:\\ProgramData\\headgate\\policy.json' : '/etc/headgate/policy.json',
  owner: 0,
});

const fields = policy.omit({ fixed: true }).partial();
type Fixed = Host['fixedPolicy'];
/** A policy is a few short fields. */
const largestBytes = 65_536;

interface Asked {
  readonly file: string;
  /** What to do about a file that is refused. */
  readonly advice: Said;
  readonly owner: number | null;
  /** What it is when it is not there; null when it has to be. */
  readonly missing: Fixed | null;
}

function readPolicy({ file, advice, owner, missing }: Asked): Fixed {
  const refuse = (why: Said, cause?: unknown): AppError =>
    new AppError('INPUT_INVALID', say('core.policyFile', { file, why }), { cause, advice });
  let text: string;
  try {
    const bytes = readPlainFileSync(file, largestBytes, ({ mode, uid }) => {
      if (process.platform === 'win32') return;
      if ((mode & 0o022) !== 0) throw refuse(say('core.canChangedOtherUsers'));
      if (owner !== null && uid !== owner) throw refuse(say('core.doesNotBelongWhoever'));
    });
    text = bytes.toString('utf8');
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    if (isMissing && missing) return missing;
    throw refuse(isMissing ? say('core.not') : say('core.canNotRead'), cause);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refuse(say('core.notJson'), cause);
  }
  const parsed = fields.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw refuse(
      say('core.doesNotFit', { filter: [issue?.path.join('.'), issue?.message].filter(Boolean).join(': ') }),
    );
  }
  return Object.fromEntries(Object.entries(parsed.data).filter(([, given]) => given !== undefined)) as Fixed;
}

/** What a start may do; see `Host`. */
export type Policies = Pick<Host, 'fixedPolicy' | 'idleLockAtMost'>;

/**
 * What a user's own file adds to the computer's: it forbids, and bounds the time until the lock, but never loosens what the
 * computer or the workspace decides.
 */
function withOwn(computer: Fixed, own: Fixed): Policies {
  const { reveal, idleLockMinutes, healthMinutes, queriesAnHour, queryLiterals } = own;
  return {
    fixedPolicy: {
      ...(healthMinutes === undefined ? {} : { healthMinutes }),
      ...(queriesAnHour === undefined ? {} : { queriesAnHour }),
      ...computer,
      ...(reveal === 'forbid' ? { reveal } : {}),
      ...(queryLiterals === 'leave_out' ? { queryLiterals } : {}),
    },
    idleLockAtMost: idleLockMinutes ?? null,
  };
}

/**
 * What policy files decide: the computer's, which counts for everybody on it, and the one that `HEADGATE_POLICY` names,
 * which can only be stricter, as whoever starts Headgate chooses it. A file that can't be read, says something that is not
 * known, or can be changed by others is no policy: the start fails with INPUT_INVALID and names it, rather than go on
 * without what somebody decided.
 */
export function readPolicies(
  env: Readonly<Record<string, string | undefined>>,
  place: PolicyPlace = policyPlaceOf(process.platform),
): Policies {
  const computer = readPolicy({
    ...place,
    advice: say('core.askWhoeverManagesComputer', { file: place.file }),
    missing: {},
  });
  const named = env['HEADGATE_POLICY'];
  if (!named) return { fixedPolicy: computer, idleLockAtMost: null };
  const own = readPolicy({
    file: named,
    owner: null,
    advice: say('core.correctStartWithoutHeadgate', { named }),
    missing: null,
  });
  return withOwn(computer, own);
}
