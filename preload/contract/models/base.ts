import { z } from 'zod';

export const id = z.uuid();
/** An instant: ISO 8601 in UTC, milliseconds, `Z`. */
export const instant = z.iso.datetime({ precision: 3 });
export const name = z.string().trim().min(1, 'must not be empty').max(200, 'at most 200 characters');

export const environments = ['development', 'staging', 'production'] as const;
export type Environment = (typeof environments)[number];

/** What checks a value, for whoever has to check one without knowing how schemas are made. */
export interface Schema {
  safeParse(value: unknown): {
    readonly error?:
      | { readonly issues: readonly { readonly path: PropertyKey[]; readonly message: string }[] }
      | undefined;
  };
}
/** What does not fit first, with the name of its field; null when all does. */
export function firstIssue(schema: Schema, value: unknown): string | null {
  const [issue] = schema.safeParse(value).error?.issues ?? [];
  return issue ? `${issue.path.join('.')}: ${issue.message}` : null;
}

/** A password, a key or another secret; it only ever goes in. */
export const secret = z.string().max(4096);

/** PEM certificates; public, so they are kept beside the metadata. */
export const pem = z
  .string()
  .max(262_144)
  .refine((text) => text.includes('-----BEGIN CERTIFICATE-----'), 'must be a PEM certificate');

/** A record by its id and how people call it. */
export const named = z.strictObject({ id, name: z.string() });

/** What a call answers that hands a text over: the text itself, or where the host saved it. Exactly one is set. */
export const handedOver = z.strictObject({
  text: z.string().nullable(),
  /** Null too when the person closed the dialog. */
  path: z.string().nullable(),
  /** How many records are in it. */
  count: z.int(),
});
export type HandedOver = z.infer<typeof handedOver>;
