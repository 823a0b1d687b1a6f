import type { NoticeChannel, NoticeEvent, NoticePreferences } from '../../preload/contract/models.ts';
import { noticeEvents } from '../../preload/contract/models.ts';
import { endOfPart } from '../calendar/times.ts';
import type { Audience } from './conditions.ts';

/** What holds for whoever said nothing: the desktop tells, mail does not. */
export const usualPreferences: NoticePreferences = {
  channels: Object.fromEntries(noticeEvents.map((event) => [event, ['desktop']])) as unknown as Record<
    NoticeEvent,
    ('desktop' | 'email')[]
  >,
  email: null,
  language: null,
  quietHours: null,
};

/** A way that something is told on; `personId` is null for the webhook, which is nobody's. */
export interface Way {
  readonly channel: NoticeChannel;
  readonly personId: string | null;
  /** Milliseconds since 1970: quiet hours end then. */
  readonly notBefore: number;
}

/** When something can be told to a person who has these preferences: now, or when their quiet hours end. */
export const timeFor = ({ quietHours }: NoticePreferences, now: number): number =>
  (quietHours === null ? null : endOfPart(quietHours, now)) ?? now;

/** On what ways an event is told to these people beside the inbox. Pure. */
export function waysFor(
  event: NoticeEvent,
  audience: Audience,
  people: readonly { readonly id: string; readonly preferences: NoticePreferences }[],
  now: number,
): Way[] {
  const personal = people.flatMap(({ id, preferences }) =>
    (preferences.channels[event] ?? []).flatMap((channel): Way[] =>
      channel === 'email' && preferences.email === null
        ? []
        : [{ channel, personId: id, notBefore: timeFor(preferences, now) }],
    ),
  );
  // What is a person's own is no business of whoever reads the webhook.
  return audience.roles.length === 0
    ? personal
    : [...personal, { channel: 'webhook', personId: null, notBefore: now }];
}
