import { z } from 'zod';
import { said } from '../said.ts';
import { secret } from './base.ts';

// --- sign-ins that somebody types in --------------------------------------------------------------------------

/**
 * What is typed in: a key that was made at the source, the password of an account there, or nothing where it is open or is
 * signed in to with a connection of the vault.
 */
export const typedKinds = ['api_key', 'password', 'none', 'connection'] as const;
export type TypedKind = (typeof typedKinds)[number];

/** What may be entered in a field. A secret is hidden while it is typed and never told again. */
export const typedContents = ['user', 'email', 'key', 'password'] as const;
export type TypedContent = (typeof typedContents)[number];

/** One field of a sign-in that is typed in, as a connector declares it. */
export const typedField = z.strictObject({
  name: z.string().regex(/^[a-zA-Z]{1,40}$/),
  label: said,
  help: said,
  content: z.enum(typedContents),
});
export type TypedField = z.infer<typeof typedField>;

export const isSecretContent = (content: TypedContent): boolean =>
  content === 'key' || content === 'password';

const contents: Readonly<Record<TypedContent, z.ZodType<string>>> = {
  // It stands in a header before a colon.
  user: z
    .string()
    .trim()
    .max(500)
    .regex(/^[!-9;-~]+$/, 'must be a user name, without spaces or a colon'),
  email: z.string().trim().pipe(z.email('must be an e-mail address').max(500)),
  key: secret.trim().regex(/^[!-~]+$/, 'must be a key, without spaces'),
  // Spaces at its ends belong to a password.
  password: secret.min(1, 'must not be empty'),
};

/** What is entered in a form with these fields: every one of them and nothing else. */
export const typedInput = (fields: readonly Pick<TypedField, 'name' | 'content'>[]) =>
  z.strictObject(Object.fromEntries(fields.map(({ name, content }) => [name, contents[content]])));
