/** What stands in the place of a secret. */
export const redacted = '••••';

const secretKey =
  /pass(word|phrase|wd)?$|secret|token|authorization|cookie|private_?key|api_?key|verifier|^code$|credential_value|dsn|connection_?string/i;

/** A value shorter than this is too common a text to be replaced wherever it occurs. */
const shortestValue = 4;

/** Takes secrets out of everything that leaves the process: by the name of a field, and by value wherever it stands. */
export interface Redactor {
  /** Registers a secret in use; the returned function forgets it. */
  add(secret: string): () => void;
  /** Replaces every registered secret, also where it was URL- or JSON-escaped, and passwords inside URLs. */
  text(text: string): string;
  /** Replaces the values of fields whose name says they are secret, at any depth. */
  keys(value: unknown): unknown;
}

export function createRedactor(): Redactor {
  /** value -> how often it was registered; the same secret may be in use twice. */
  const values = new Map<string, number>();

  const forms = (secret: string): string[] => {
    const json = JSON.stringify(secret).slice(1, -1);
    return [...new Set([secret, json, JSON.stringify(json).slice(1, -1), encodeURIComponent(secret)])];
  };

  const keys = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(keys);
    if (value && typeof value === 'object') {
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [
          key,
          // The code of an error is a word of the contract, not an OAuth code.
          secretKey.test(key) && !(key === 'code' && typeof item === 'string' && /^[A-Z0-9_]+$/.test(item))
            ? redacted
            : keys(item),
        ]),
      );
    }
    return value;
  };

  return {
    add(secret) {
      if (secret.length < shortestValue) return () => {};
      values.set(secret, (values.get(secret) ?? 0) + 1);
      return () => {
        const count = (values.get(secret) ?? 0) - 1;
        if (count > 0) values.set(secret, count);
        else values.delete(secret);
      };
    },
    text(text) {
      let out = text.replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:/@"']*):[^\s@"']+@/gi, `$1:${redacted}@`);
      // Longest first, so that a secret that contains another one leaves no rest behind.
      for (const secret of [...values.keys()].sort((a, b) => b.length - a.length)) {
        for (const form of forms(secret)) if (out.includes(form)) out = out.replaceAll(form, redacted);
      }
      return out;
    },
    keys,
  };
}
