import type { BackgroundAction } from '../../preload/contract/background.ts';
import type { AuditEntry } from '../../preload/contract/models.ts';
import type { Host } from '../host.ts';
import type { Logger } from '../log.ts';
import type { Audit, AuditRecord } from './audit.ts';
import { createRecent } from './entry.ts';

/** Whose entries these are. */
const doer = 'Headgate';
/** What is done over and over with the same secret is written down once in this time. */
const usesEveryMs = 24 * 3_600_000;

/** Writes down what nobody asked for at that moment: the clock did, or the end of something. */
export interface Background {
  /** A change: always. Never throws: what runs by itself is not stopped by a full log, which is told in the program's. */
  did(action: BackgroundAction, subject: string, details?: string, outcome?: AuditEntry['outcome']): void;
  /** A use of a secret: once a day for one action and subject. */
  used(action: BackgroundAction, subject: string): void;
}

/** Writes down what has happened already, whoever did it: where that fails it is told in the program's log. */
export function recordOrTell(audit: Pick<Audit, 'record'>, log: Logger, entry: AuditRecord): boolean {
  try {
    audit.record(entry);
    return true;
  } catch (error) {
    log.error('audit.failed', { name: entry.action, error });
    return false;
  }
}

export function createBackground(deps: {
  audit: Pick<Audit, 'record'>;
  host: Pick<Host, 'clock' | 'log' | 'redactor'>;
}): Background {
  const { host } = deps;
  const recent = createRecent(host.clock.now, usesEveryMs);
  const write = (entry: Omit<AuditRecord, 'person'>): boolean =>
    recordOrTell(deps.audit, host.log, {
      ...entry,
      details: host.redactor.text(entry.details),
      person: doer,
    });
  return {
    did: (action, subject, details = '', outcome = 'ok') => void write({ action, subject, details, outcome }),
    used(action, subject) {
      const key = `${action} ${subject}`;
      if (recent.has(key)) return;
      if (write({ action, subject, details: '', outcome: 'ok' })) recent.add(key);
    },
  };
}
