import { z } from 'zod';
import { connectionOfAddress } from '../connection-address.ts';
import { said } from '../said.ts';
import { id, instant, name, named, pem, secret } from './base.ts';
import { typedField, typedKinds } from './typed-sign-in.ts';

// --- data sources ---------------------------------------------------------------------------------------------

/** Longest name of a dataset: sources have names of their own for theirs, such as the id of a form. */
export const longestDatasetName = 255;

/** The name of a connector. Which ones there are is known to the connectors' registry alone. */
export const sourceType = z.string().regex(/^[a-z][a-z0-9_]{0,40}$/, 'is not the name of a kind of source');
export type SourceType = z.infer<typeof sourceType>;

/** What tells one source from another at the same server; all texts in the reader's language. */
export const settingField = z.strictObject({
  name: z.string(),
  label: said,
  help: said,
  required: z.boolean(),
  /** It names what of its server a source reads, and is chosen from what the account can see there. */
  scope: z.boolean(),
});
export type SettingField = z.infer<typeof settingField>;

/** What can be chosen for each link of a kind of source. */
export const optionField = z.strictObject({
  name: z.string(),
  label: z.string(),
  help: z.string(),
  /** A switch, a list of texts, a day (`YYYY-MM-DD`) or a text. */
  kind: z.enum(['flag', 'list', 'date', 'text']),
  /** Names of the datasets it is about. */
  datasets: z.array(z.string()),
});
export type OptionField = z.infer<typeof optionField>;

export const datasetChoice = z.strictObject({
  name: z.string().max(longestDatasetName),
  label: z.string().max(1000),
  description: z.string().max(2000),
  /** How many records the source says there are; null where it did not. */
  total: z.int().min(0).nullable(),
  /** Whether that is an estimate. */
  rough: z.boolean().optional(),
  /** Whether a refresh can read only what changed of it. */
  tellsChanges: z.boolean(),
  /** Whether a new link begins with it chosen. */
  usual: z.boolean(),
});
export type DatasetChoice = z.infer<typeof datasetChoice>;

/** How a client that has a secret proves itself: in fields of the form, or by HTTP Basic (RFC 6749 §2.3.1). */
export const clientAuths = ['form', 'basic'] as const;
export type ClientAuth = (typeof clientAuths)[number];

/**
 * A sign-in in the browser, a key that somebody made at the source, the password of an account there, none (the source is
 * open, and was seen to answer), or a connection of the vault that was lent.
 */
export const credentialKinds = ['oauth', 'api_key', 'password', 'none', 'connection'] as const;
export type CredentialKind = (typeof credentialKinds)[number];

/** A way to sign in to a kind of source, as its connector declares it. */
export const signInWay = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('oauth'),
    /** The client that Headgate is registered as at the usual server; empty where it is registered at none. */
    defaultClientId: z.string(),
    /** How its server usually wants clients with a secret to prove themselves. */
    clientAuth: z.enum(clientAuths),
    /** Page of its server, below the base URL, where clients are registered; null where nobody knows one. */
    registerPath: z.string().nullable(),
  }),
  z.strictObject({ kind: z.enum(typedKinds), fields: z.array(typedField) }),
]);
export type SignInWay = z.infer<typeof signInWay>;

/** What the window needs to draw the form of a kind of source; follows from the connector's definition. */
export const sourceTypeInfo = z.strictObject({
  type: sourceType,
  title: z.string(),
  /** Empty where every server is somebody's own. */
  defaultBaseUrl: z.string(),
  /** The ways to sign in, the usual one first. */
  signIn: z.array(signInWay),
  settings: z.array(settingField),
  options: z.array(optionField),
  /** What every source of the kind has. */
  datasets: z.array(datasetChoice),
  /** Whether a source has datasets of its own, which it has to be asked for. */
  discovers: z.boolean(),
  /** Whether there is an original of each record that can be kept beside its columns. */
  hasOriginals: z.boolean(),
});
export type SourceTypeInfo = z.infer<typeof sourceTypeInfo>;

/** http is accepted for this computer only (simulators, tunnels); tokens never cross a network in clear. */
const serverUrl = z
  .url({ protocol: /^https?$/ })
  .refine((text) => {
    const url = URL.parse(text);
    if (!url) return false;
    return url.protocol === 'https:' || ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  }, 'must begin with https:// (http:// only for 127.0.0.1)')
  .refine((text) => {
    const url = URL.parse(text);
    return url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  }, 'must not contain a user, password, query or fragment')
  .transform((text) => text.replace(/\/+$/, ''));

/** Where a source is: the address of its server, or the connection that it is read over. */
export const baseUrl = z
  .string()
  .refine((text) => {
    const connection = connectionOfAddress(text);
    return connection === null || id.safeParse(connection).success;
  }, 'must name a connection')
  .transform((text, context) => {
    if (connectionOfAddress(text) !== null) return text;
    const server = serverUrl.safeParse(text);
    if (server.success) return server.data;
    for (const { message } of server.error.issues) context.addIssue(message);
    return z.NEVER;
  });

export const settings = z.record(z.string().max(64), z.string().trim().max(2000));

export const sourceInput = z.strictObject({
  name,
  sourceType,
  baseUrl,
  /** Of the client that Headgate is registered as; empty where everybody signs in with an API key. */
  clientId: z.string().trim().max(500).default(''),
  /** Only of a client that is registered as confidential. */
  clientSecret: secret.min(1, 'must not be empty').optional(),
  /** Null for what is usual for this kind of source. */
  clientAuth: z.enum(clientAuths).nullable().default(null),
  settings: settings.default({}),
  /** The authorities of its server, where the computer does not trust them; only these are trusted then. */
  tlsCa: pem.nullable().default(null),
});
export type SourceInput = z.input<typeof sourceInput>;

/**
 * What the source said last. `expiring`: it can't be renewed and runs out within a day; `expired`: it ran out, or is not
 * accepted any more; `revoked`: the key is refused; `reauthorise`: it is accepted, but may not read any more.
 */
export const credentialStates = ['valid', 'expiring', 'expired', 'revoked', 'reauthorise'] as const;
export type CredentialState = (typeof credentialStates)[number];

export const credential = z.strictObject({
  id,
  kind: z.enum(credentialKinds),
  sourceId: id,
  sourceName: z.string(),
  /** Exactly one of the two is set. */
  projectId: id.nullable(),
  personId: id.nullable(),
  projectName: z.string().nullable(),
  /** Who signed in at the source, e.g. an e-mail address. */
  account: z.string(),
  scopes: z.array(z.string()),
  state: z.enum(credentialStates),
  /** When the current access token runs out; it is renewed by itself where `renewable`. Null for what does not run out. */
  accessExpiresAt: instant.nullable(),
  renewable: z.boolean(),
  /** Whose account it is, by profile; `id` is null where that person has left, all of it where nobody knows. */
  signedInBy: z.strictObject({ id: id.nullable(), name: z.string() }).nullable(),
  lastUsedAt: instant.nullable(),
  createdAt: instant,
});
export type Credential = z.infer<typeof credential>;

/** With whether other workspaces have it too: it went into a bundle, or came in one. */
export const listedCredential = credential.extend({ isShared: z.boolean() });
export type ListedCredential = z.infer<typeof listedCredential>;

export const source = z.strictObject({
  id,
  name: z.string(),
  sourceType,
  baseUrl: z.string(),
  /** The connection that it is read over; null where it has a server of its own. */
  readOver: named.nullable(),
  clientId: z.string(),
  /** The secret itself never leaves the vault. */
  hasClientSecret: z.boolean(),
  clientAuth: z.enum(clientAuths).nullable(),
  settings: z.record(z.string(), z.string()),
  /** Nothing is read from one that is switched off. */
  isActive: z.boolean(),
  tlsCa: z.string().nullable(),
  /** What it said last that it has, beside what every source of its kind has; empty before it was asked. */
  datasets: z.array(datasetChoice),
  /** The signed-in person's own credential, if any. */
  credential: credential.nullable(),
  usedBy: z.array(z.strictObject({ id, name: z.string() })),
  createdAt: instant,
  updatedAt: instant,
});
export type Source = z.infer<typeof source>;

/** What a source was seen to let through: told by its refusals, forgotten as it lets through more. */
export const sourcePace = z.strictObject({
  sourceId: id,
  /** Requests that go through in a window of so many seconds; the shortest window first, empty where no limit was met. */
  limits: z.array(z.strictObject({ seconds: z.int(), requests: z.int() })),
  /** The source asked to be left alone until then. */
  waitsUntil: instant.nullable(),
});
export type SourcePace = z.infer<typeof sourcePace>;

/** What an account can see at its source. */
export const discovery = z.strictObject({
  account: z.string(),
  /** What can be chosen for the setting that is the scope of this kind of source; empty where it has none. */
  scopes: z.array(z.strictObject({ value: z.string(), label: z.string() })),
  /** What can be read: what every source of the kind has, then what this one has of its own. */
  datasets: z.array(datasetChoice),
});
export type Discovery = z.infer<typeof discovery>;

/** What can be chosen for each option of a link, by the option's name. */
export const optionChoices = z.record(
  z.string(),
  z.array(z.strictObject({ value: z.string(), label: z.string() })),
);
export type OptionChoices = z.infer<typeof optionChoices>;
