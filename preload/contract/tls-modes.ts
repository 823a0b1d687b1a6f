/** How strictly a server is checked, weakest first; named as libpq does (PostgreSQL documentation, 34.19.3). */
export const tlsModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type TlsMode = (typeof tlsModes)[number];
