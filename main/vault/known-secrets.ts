import { createHmac } from 'node:crypto';
import type { Redactor } from '../redact.ts';
import type { SecretFields } from './open-secrets.ts';

/** How many secrets that were replaced or deleted the redactor still knows: work with them may be under way. */
const retiredSecrets = 200;
/** Sealed like the rest, but too common a word to be taken out of every text ("postgres", "admin"); that of a login kept beside the present one too. */
const isUser = (field: string): boolean => field === 'user' || field.endsWith('.user');
/** Sealed beside a secret to say where that may go, or is: no secret itself, and messages and the log have to name it. */
const isPlace = (field: string): boolean => field === 'origin' || field === 'address' || field === 'share';
const isCommon = (field: string): boolean => isUser(field) || isPlace(field);

interface Known {
  /** By it we see that the same value comes again; nothing can be read from it. */
  readonly digest: string;
  readonly forget: () => void;
}

/** What the redactor was told of each record, without keeping a secret to know it by. `key` is this process's own. */
export function createKnownSecrets(redactor: Redactor, key: Uint8Array) {
  const records = new Map<string, Map<string, Known>>();
  const retired: (() => void)[] = [];
  const digestOf = (value: Uint8Array): string => createHmac('sha256', key).update(value).digest('base64');

  const retire = (...forget: (() => void)[]): void => {
    retired.push(...forget);
    for (const done of retired.splice(0, Math.max(0, retired.length - retiredSecrets))) done();
  };
  const forgetField = (recordId: string, field: string): void => {
    const known = records.get(recordId)?.get(field);
    if (known) retire(known.forget);
    records.get(recordId)?.delete(field);
  };
  const forget = (recordId: string): void => {
    for (const field of [...(records.get(recordId)?.keys() ?? [])]) forgetField(recordId, field);
    records.delete(recordId);
  };

  const learn = (recordId: string, fields: SecretFields): void => {
    const known = records.get(recordId) ?? new Map<string, Known>();
    records.set(recordId, known);
    for (const [field, value] of fields) {
      if (isCommon(field)) continue;
      const digest = digestOf(value);
      const before = known.get(field);
      if (before?.digest === digest) continue;
      if (before) retire(before.forget);
      known.set(field, { digest, forget: redactor.add(value) });
    }
  };

  return {
    /** These fields have these values now; others of the record stay as they are known. */
    learn,
    /** The record has these fields and no others. */
    learnAll(recordId: string, fields: SecretFields): void {
      learn(recordId, fields);
      for (const field of [...(records.get(recordId)?.keys() ?? [])])
        if (!fields.has(field)) forgetField(recordId, field);
    },
    /** Values on their way to a place that may refuse them; the function that comes back says they have arrived or not. */
    underway(fields: SecretFields): () => void {
      const added = [...fields].filter(([field]) => !isCommon(field)).map(([, value]) => redactor.add(value));
      return () => retire(...added);
    },
    forgetField,
    forget,
    forgetAll(): void {
      for (const recordId of [...records.keys()]) forget(recordId);
    },
  };
}
