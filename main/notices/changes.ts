import type { NoticeEvent, NoticeOutcome } from '../../preload/contract/models.ts';
import type { Condition, Findings } from './conditions.ts';

/** What was told and lasts. */
export interface OpenNotice {
  readonly id: string;
  readonly key: string;
  readonly event: NoticeEvent;
}

/** What has become of it all since it was looked at last. */
export interface Changes {
  /** Told now, for the first time. */
  readonly opened: readonly Condition[];
  /** Told already as something else; `isWorse`: to be told again. */
  readonly turned: readonly { readonly id: string; readonly to: Condition; readonly isWorse: boolean }[];
  /** As it was, with what is known of it now. */
  readonly lasting: readonly { readonly id: string; readonly condition: Condition }[];
  readonly closed: readonly { readonly id: string; readonly outcome: NoticeOutcome }[];
}

/** What asks for more of a person than something else about the same thing is told again. */
const weight: Readonly<Record<NoticeEvent, number>> = {
  ...{ stale: 1, failed: 2, held: 2 },
  ...{ signer_left: 1, sign_in_expiring: 1, sign_in_expired: 2 },
  ...{ connection_down: 1, expiring_data: 1 },
};

/**
 * What is told of what is the matter: each thing once from its beginning to its end, and nothing that follows from something
 * else that is told. What was told lasts until it is over, also where a cause came upon it later. Pure.
 */
export function changesOf(
  open: readonly OpenNotice[],
  { conditions, calm, undecided, suspected }: Findings,
): Changes {
  const now = new Map(conditions.map((condition) => [condition.key, condition]));
  const told = new Map(open.map((each) => [each.key, each]));
  const opened: Condition[] = [];
  const turned: { id: string; to: Condition; isWorse: boolean }[] = [];
  const lasting: { id: string; condition: Condition }[] = [];
  const closed: { id: string; outcome: NoticeOutcome }[] = [];

  for (const condition of conditions) {
    const before = told.get(condition.key);
    // An ended sign-in and a connection that is down are causes; one of which that can't be said now may be one.
    const follows = condition.causes.some((cause) => isCause(now.get(cause)) || suspected.has(cause));
    if (before === undefined) {
      if (!follows) opened.push(condition);
    } else if (before.event === condition.event) lasting.push({ id: before.id, condition });
    else if (follows && weight[condition.event] >= weight[before.event]) {
      // What it became follows from what is told; it stays told as what it was.
    } else {
      const isWorse = weight[condition.event] >= weight[before.event];
      turned.push({ id: before.id, to: condition, isWorse });
    }
  }
  for (const { id, key } of open) {
    if (now.has(key) || undecided.has(key)) continue;
    closed.push({ id, outcome: calm.get(key) ?? 'deleted' });
  }
  return { opened, turned, lasting, closed };
}

const isCause = (condition: Condition | undefined): boolean =>
  condition !== undefined && condition.event !== 'sign_in_expiring' && condition.event !== 'signer_left';
