/** How strictly a server is checked, weakest first; named as libpq does (PostgreSQL documentation, 34.19.3). */
export const tlsModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type TlsMode = (typeof tlsModes)[number];

/**
 * The least that a server must ask for before it is signed in to, weakest first: `scram` never gives the password away and has
 * the server prove that it knows it, `channel_binding` also that nobody is in between.
 */
export const signInMethods = ['any', 'scram', 'channel_binding'] as const;
export type SignInMethod = (typeof signInMethods)[number];
