import { z } from 'zod';
import { id, secret } from './base.ts';
import { linkInput, projectInput } from './data.ts';
import { sourceInput } from './sources.ts';

/*
 * What a file of Headgate holds beside connections: projects with the sources that they read, and their sign-ins. Nothing in
 * it that is not named here is taken. Numbers name the connection, or the source, by its place in the same file.
 */

/** The client's secret only in a sealed bundle. */
export const portableSource = sourceInput.extend({ isActive: z.boolean().default(true) });
export type PortableSource = z.infer<typeof portableSource>;

const place = z.int().min(0).max(10_000);

export const portableLink = linkInput.omit({ projectId: true, sourceId: true }).extend({ source: place });
export type PortableLink = z.infer<typeof portableLink>;

const signInOf = {
  source: place,
  account: z.string().max(500),
  externalUserId: z.string().max(500),
};
/** A project's own sign-in; only in a sealed bundle, and only where a project admin said so. */
export const portableSignIn = z.discriminatedUnion('kind', [
  z.strictObject({
    ...signInOf,
    kind: z.literal('oauth'),
    scopes: z.array(z.string().max(200)).max(50),
    /** What opens its tokens, which are in the project's database, and the oldest version of them that is taken. */
    share: z.strictObject({
      id,
      key: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'is not a key of 32 bytes'),
      version: z.int().min(1),
    }),
  }),
  z.strictObject({
    ...signInOf,
    kind: z.literal('api_key'),
    user: z.string().max(500),
    apiKey: secret.min(1),
  }),
  z.strictObject({
    ...signInOf,
    kind: z.literal('password'),
    /** What was typed in, by the names that its kind of source has for it. */
    typed: z.record(z.string().max(40), secret),
  }),
]);
export type PortableSignIn = z.infer<typeof portableSignIn>;

export const portableProject = projectInput.omit({ connectionId: true }).extend({
  connection: place,
  links: z.array(portableLink).max(1000),
  signIns: z.array(portableSignIn).max(1000).default([]),
});
export type PortableProject = z.infer<typeof portableProject>;

/** A project that goes along with connections, and whether its own sign-ins do. */
export const takenProject = z.strictObject({ id, signIns: z.boolean().default(false) });
