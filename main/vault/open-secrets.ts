/** What a secret may be given as. Bytes are taken as they are; a text is its UTF-8. */
export type SecretValue = string | Uint8Array;

/**
 * The secrets of one record for one piece of work. What is held is overwritten when it is disposed of (`using`); what
 * `text` gives out can't be, so it is for libraries that take nothing else, at the moment they ask.
 */
export interface OpenSecrets extends Disposable {
  has(field: string): boolean;
  /** A copy that the caller owns and overwrites. Null when there is no such field, and once this was disposed of. */
  bytes(field: string): Uint8Array | null;
  text(field: string): string | null;
}

/** Fields of one record in buffers that are nobody else's. */
export type SecretFields = Map<string, Buffer>;

/**
 * A buffer of its own: what `Buffer.from` makes of small values lies in a pool that others share, and overwriting a view
 * says nothing about copies.
 */
export function ownBytes(value: SecretValue): Buffer {
  const plain = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  const own = Buffer.alloc(plain.byteLength);
  own.set(plain);
  if (typeof value === 'string') plain.fill(0);
  return own;
}

export function wipeFields(fields: SecretFields): void {
  for (const bytes of fields.values()) bytes.fill(0);
  fields.clear();
}

/** Takes the buffers over. */
export function openSecrets(fields: SecretFields): OpenSecrets {
  return {
    has: (field) => fields.has(field),
    bytes(field) {
      const found = fields.get(field);
      return found ? ownBytes(found) : null;
    },
    text: (field) => fields.get(field)?.toString('utf8') ?? null,
    [Symbol.dispose]: () => wipeFields(fields),
  };
}

/** The session's own secrets when nothing protects a key: in memory, never on disk, overwritten when they go. */
export function createSessionSecrets() {
  const records = new Map<string, SecretFields>();
  const remove = (recordId: string): void => {
    const fields = records.get(recordId);
    if (fields) wipeFields(fields);
    records.delete(recordId);
  };
  return {
    get size(): number {
      return records.size;
    },
    ids: (): string[] => [...records.keys()],
    has(recordId: string, field?: string): boolean {
      const fields = records.get(recordId);
      return fields !== undefined && (field === undefined || fields.has(field));
    },
    /** Copies, so that what is kept here can be overwritten on its own. */
    read(recordId: string): SecretFields | null {
      const fields = records.get(recordId);
      if (!fields) return null;
      return new Map([...fields].map(([field, bytes]) => [field, ownBytes(bytes)]));
    },
    /** Takes the buffers over. */
    write(recordId: string, fields: SecretFields): void {
      remove(recordId);
      if (fields.size > 0) records.set(recordId, fields);
    },
    remove,
    clear(): void {
      for (const recordId of [...records.keys()]) remove(recordId);
    },
  };
}
