import type { NoticeChannel } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import type { Db } from '../db.ts';
import { keepSaid, messageOf } from '../kept-said.ts';

type Row = Record<string, string | number | null>;

/** A way that something is told on. */
export interface StoredWay {
  readonly channel: NoticeChannel;
  /** Null for the webhook, which is nobody's. */
  readonly personId: string | null;
}
export type PartKind = 'alarm' | 'recovery';

/** Something to be told on a way, that is in no message yet. */
export interface WaitingPart extends StoredWay {
  readonly seq: number;
  readonly noticeId: string;
  readonly part: PartKind;
}

export interface StoredMessage extends StoredWay {
  readonly id: string;
  /** What it says, as it was when it was made. */
  readonly parts: readonly unknown[];
  readonly madeAt: string;
  readonly attempts: number;
}

/** What was told stays so long. */
const keptMs = 30 * 24 * 3_600_000;
/** As much goes into one message. */
const mostParts = 500;

/** What is to be told, and the messages it is told in. */
export function noticeMessageRepository(db: Db) {
  const add = db.prepare(`INSERT INTO notice_parts (notice_id, channel, person_id, part, not_before)
    VALUES (@noticeId, @channel, @personId, @part, @notBefore)`);
  const dropWaiting = db.prepare(
    `DELETE FROM notice_parts WHERE notice_id = ? AND message_id IS NULL AND part = 'alarm'`,
  );
  const toldOn = db.prepare(`SELECT DISTINCT channel, person_id FROM notice_parts
    WHERE notice_id = ? AND message_id IS NOT NULL AND part = 'alarm'`);
  const ways = db.prepare(`SELECT channel, person_id, min(not_before) AS first FROM notice_parts
    WHERE message_id IS NULL AND not_before <= ? GROUP BY channel, person_id ORDER BY first`);
  const waiting = db.prepare(`SELECT seq, notice_id, channel, person_id, part FROM notice_parts
    WHERE message_id IS NULL AND not_before <= @now AND channel = @channel AND person_id IS @personId
    ORDER BY seq LIMIT ${mostParts}`);
  const putOff = db.prepare(`UPDATE notice_parts SET not_before = @until
    WHERE message_id IS NULL AND channel = @channel AND person_id IS @personId AND not_before < @until`);
  const dropOld = db.prepare('DELETE FROM notice_parts WHERE message_id IS NULL AND not_before < ?');
  const lastMade = db
    .prepare('SELECT max(made_at) FROM notice_messages WHERE channel = @channel AND person_id IS @personId')
    .pluck();
  const insert = db.prepare(`INSERT INTO notice_messages (id, channel, person_id, parts, made_at, state, at)
    VALUES (@id, @channel, @personId, @parts, @now, 'waiting', @now)`);
  const assign = db.prepare('UPDATE notice_parts SET message_id = ? WHERE seq = ?');
  const due = db.prepare(`SELECT id, channel, person_id, parts, made_at, attempts FROM notice_messages
    WHERE state = 'waiting' AND at <= @now ORDER BY at LIMIT 100`);
  const take = db.prepare(`UPDATE notice_messages SET sender = @sender, sent_until = @until
    WHERE id = @id AND state = 'waiting' AND (sender IS NULL OR sender = @sender OR sent_until <= @now OR sent_until > @until)`);
  const sent =
    db.prepare(`UPDATE notice_messages SET state = 'sent', at = @now, problem = NULL, sender = NULL,
    attempts = attempts + 1 WHERE id = @id`);
  const failed =
    db.prepare(`UPDATE notice_messages SET state = CASE WHEN @again IS NULL THEN 'given_up' ELSE 'waiting' END,
    at = ifnull(@again, @now), problem = @problem, sender = NULL, attempts = attempts + 1 WHERE id = @id`);
  const free = db.prepare('UPDATE notice_messages SET sender = NULL WHERE id = ? AND sender = ?');
  const last = db.prepare(`SELECT made_at, at, state, problem FROM notice_messages WHERE channel = ?
    AND (state <> 'waiting' OR problem IS NOT NULL) ORDER BY made_at DESC, rowid DESC LIMIT 1`);
  const prune = db.prepare(`DELETE FROM notice_messages WHERE state <> 'waiting' AND made_at < ?`);

  const way = (row: Row): StoredWay => ({
    channel: row['channel'] as NoticeChannel,
    personId: row['person_id'] as string | null,
  });
  return {
    add: (noticeId: string, part: PartKind, { channel, personId }: StoredWay, notBefore: string): void =>
      void add.run({ noticeId, part, channel, personId, notBefore }),
    /** It is over, or told in other words: what was not told of it is not told any more. */
    dropAlarms: (noticeId: string): void => void dropWaiting.run(noticeId),
    /** The ways that it was told on. */
    toldOn: (noticeId: string): StoredWay[] => (toldOn.all(noticeId) as Row[]).map(way),
    /** The ways on which something is to be told by now. */
    ways: (now: string): StoredWay[] => (ways.all(now) as Row[]).map(way),
    waiting: (on: StoredWay, now: string): WaitingPart[] =>
      (waiting.all({ ...on, now }) as Row[]).map((row) => ({
        ...way(row),
        seq: row['seq'] as number,
        noticeId: row['notice_id'] as string,
        part: row['part'] as PartKind,
      })),
    /** Nothing on that way before `until`. */
    putOff: (on: StoredWay, until: string): void => void putOff.run({ ...on, until }),
    /** What found nobody for so long is in the inbox. */
    dropOlder: (than: string): void => void dropOld.run(than),
    /** When the last message of a way was made; null before the first. */
    lastMade: (on: StoredWay): string | null => (lastMade.get(on) as string | null | undefined) ?? null,
    /** Makes a message of what waits. */
    make(
      message: StoredWay & { readonly id: string; readonly parts: readonly unknown[] },
      seqs: readonly number[],
      now: string,
    ): void {
      const { id, channel, personId, parts } = message;
      insert.run({ id, channel, personId, parts: JSON.stringify(parts), now });
      for (const seq of seqs) assign.run(id, seq);
    },
    due: (now: string): StoredMessage[] =>
      (due.all({ now }) as Row[]).map((row) => ({
        ...way(row),
        id: row['id'] as string,
        parts: JSON.parse(row['parts'] as string) as unknown[],
        madeAt: row['made_at'] as string,
        attempts: row['attempts'] as number,
      })),
    /** Whether it is for `sender` to send it, until then, in whatever process it is. */
    take: (id: string, sender: string, until: string, now: string): boolean =>
      take.run({ id, sender, until, now }).changes > 0,
    free: (id: string, sender: string): void => void free.run(id, sender),
    sent: (id: string, now: string): void => void sent.run({ id, now }),
    /** `again` is when it is tried next; null where it is given up. */
    failed: (id: string, problem: Said, again: string | null, now: string): void =>
      void failed.run({ id, problem: keepSaid(problem), again, now }),
    /** How the last one of a channel went. */
    last(channel: NoticeChannel): { at: string; problem: string | null; said?: Said } | null {
      const row = last.get(channel) as Row | undefined;
      if (row === undefined) return null;
      const { message: problem, ...rest } = messageOf(row['problem'] as string | null);
      return { at: row['at'] as string, problem, ...rest };
    },
    prune: (now: number): void => void prune.run(new Date(now - keptMs).toISOString()),
  };
}
