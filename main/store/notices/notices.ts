import type {
  Notice,
  NoticeEvent,
  NoticeOutcome,
  NoticePreferences,
  NoticeSubject,
} from '../../../preload/contract/models.ts';
import type { Db } from '../db.ts';

type Row = Record<string, string | number | null>;

/** Whom a notice concerns: whoever holds one of the roles, and these people. */
export interface StoredAudience {
  readonly roles: readonly string[];
  readonly people: readonly string[];
}
export type StoredNotice = Omit<Notice, 'isRead'> & {
  readonly key: string;
  readonly audience: StoredAudience;
};

/** What is over stays so long, and so many of them. */
const keptMs = 90 * 24 * 3_600_000;
const mostKept = 2000;

/** What people are told of, who has read it, and how each wants to be told. */
export function noticeRepository(db: Db) {
  const open = db.prepare('SELECT * FROM notices WHERE closed_at IS NULL');
  const get = db.prepare('SELECT * FROM notices WHERE id = ?');
  const insert = db.prepare(`INSERT INTO notices (id, key, event, subject, audience, opened_at, told_at)
    VALUES (@id, @key, @event, @subject, @audience, @now, @now)`);
  const turn = db.prepare(
    'UPDATE notices SET event = @event, subject = @subject, audience = @audience, told_at = ifnull(@toldAt, told_at) WHERE id = @id',
  );
  const close = db.prepare('UPDATE notices SET closed_at = @now, outcome = @outcome WHERE id = @id');
  const ended = db
    .prepare('SELECT max(closed_at) FROM notices WHERE key = ? AND closed_at IS NOT NULL')
    .pluck();
  const addReader = db.prepare('INSERT OR IGNORE INTO notice_readers (notice_id, person_id) VALUES (?, ?)');
  const unreadAgain = db.prepare('UPDATE notice_readers SET read_at = NULL WHERE notice_id = ?');
  /** Of a person who is among the people of the audience, or holds one of its roles still. */
  const visible = `notice_readers r JOIN notices n ON n.id = r.notice_id WHERE r.person_id = +@personId AND (
    EXISTS (SELECT 1 FROM json_each(n.audience, '$.people') WHERE value = @personId)
    OR EXISTS (SELECT 1 FROM json_each(n.audience, '$.roles') JOIN person_roles h
      ON h.role = value AND h.person_id = @personId))`;
  const list = db.prepare(`SELECT n.*, r.read_at FROM ${visible} AND (@onlyOpen = 0 OR n.closed_at IS NULL)
    ORDER BY n.told_at DESC, n.rowid DESC LIMIT @limit`);
  const unread = db.prepare(`SELECT count(*) FROM ${visible} AND r.read_at IS NULL`).pluck();
  const read =
    db.prepare(`UPDATE notice_readers SET read_at = @now WHERE person_id = @personId AND read_at IS NULL
    AND notice_id IN (SELECT value FROM json_each(@ids))`);
  const readAll = db.prepare(
    'UPDATE notice_readers SET read_at = @now WHERE person_id = @personId AND read_at IS NULL',
  );
  const prune = db.prepare(`DELETE FROM notices WHERE closed_at IS NOT NULL AND (closed_at < @before OR id IN
    (SELECT id FROM notices WHERE closed_at IS NOT NULL ORDER BY closed_at DESC LIMIT -1 OFFSET ${mostKept}))`);
  const preferences = db.prepare('SELECT preferences FROM notice_preferences WHERE person_id = ?').pluck();
  const putPreferences = db.prepare(`INSERT INTO notice_preferences (person_id, preferences) VALUES (?, ?)
    ON CONFLICT (person_id) DO UPDATE SET preferences = excluded.preferences`);

  const stored = (row: Row): StoredNotice => ({
    id: row['id'] as string,
    key: row['key'] as string,
    event: row['event'] as NoticeEvent,
    subject: JSON.parse(row['subject'] as string) as NoticeSubject,
    audience: JSON.parse(row['audience'] as string) as StoredAudience,
    openedAt: row['opened_at'] as string,
    toldAt: row['told_at'] as string,
    closedAt: row['closed_at'] as string | null,
    outcome: row['outcome'] as NoticeOutcome | null,
  });
  const seen = (row: Row): Notice => {
    const { key: _, audience: __, ...rest } = stored(row);
    return { ...rest, isRead: row['read_at'] !== null };
  };

  type Told = Pick<StoredNotice, 'event' | 'subject' | 'audience'>;
  const written = ({ event, subject, audience }: Told) => ({
    ...{ event, subject: JSON.stringify(subject), audience: JSON.stringify(audience) },
  });
  return {
    open: (): StoredNotice[] => (open.all() as Row[]).map(stored),
    find(id: string): StoredNotice | null {
      const row = get.get(id) as Row | undefined;
      return row ? stored(row) : null;
    },
    create: (id: string, key: string, told: Told, now: string): void =>
      void insert.run({ id, key, now, ...written(told) }),
    /** It became something else, or more is known of it. `toldAt` is null where nobody is told again. */
    turn: (id: string, told: Told, toldAt: string | null): void => {
      turn.run({ id, toldAt, ...written(told) });
      if (toldAt !== null) unreadAgain.run(id);
    },
    close: (id: string, outcome: NoticeOutcome, now: string): void => void close.run({ id, outcome, now }),
    /** When something of this key was over last; null where it never was. */
    endedAt: (key: string): string | null => (ended.get(key) as string | null | undefined) ?? null,
    addReader: (id: string, personId: string): void => void addReader.run(id, personId),
    list: (personId: string, limit: number, onlyOpen: boolean): Notice[] =>
      (list.all({ personId, limit, onlyOpen: onlyOpen ? 1 : 0 }) as Row[]).map(seen),
    unread: (personId: string): number => unread.get({ personId }) as number,
    read: (personId: string, ids: readonly string[], now: string): void =>
      void read.run({ personId, ids: JSON.stringify(ids), now }),
    readAll: (personId: string, now: string): void => void readAll.run({ personId, now }),
    /** What is over for long goes, and with it what was told of it. */
    prune: (now: number): void => void prune.run({ before: new Date(now - keptMs).toISOString() }),
    preferences(personId: string): NoticePreferences | null {
      const text = preferences.get(personId) as string | undefined;
      return text === undefined ? null : (JSON.parse(text) as NoticePreferences);
    },
    putPreferences: (personId: string, value: NoticePreferences): void =>
      void putPreferences.run(personId, JSON.stringify(value)),
  };
}
