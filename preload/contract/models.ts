/*
 * Glossary (the product's words, used with one meaning everywhere)
 *
 * database connection  host, port, database, TLS options and a sealed user + password; many projects may share one
 * project              a name, one database connection, one schema of its own
 * data source          a configured external system: type, base URL, OAuth client, settings
 * link                 a data source used by a project: credential mode, what to sync, refresh interval
 * credential           OAuth tokens, a key or a password for a data source, owned by either a project or a person, never both
 * scope                the setting that names what of its server a source reads: a project space, a project, an organisation
 * dataset              what a connector reads: of every source of its kind, or discovered, such as the forms of a server
 * materialised dataset the schema that a link produced, per project or per person
 * sync job             one run: queued, running, paused, completed, held, failed, cancelled
 * query                one reading statement that somebody asked in a project: its answer comes in pages
 * note                 what people say about a table or a column, beside what the source says: a description, tags
 * held                 everything was read, but the result looks wrong and waits for a person; the old data stays
 * profile              a person of this workspace: name, roles, and a passphrase when they sign in
 * grant                who may use or manage one connection beyond their role
 * ladder               the test of a connection: name, TCP, SSH, TLS, login, database, rights, write; stops where it fails
 * jump host            an SSH server that a connection goes through; up to three in a chain
 * rotation             a new password for a connection, tried before it takes the old one's place
 * sealed bundle        connections with their secrets, and projects, sealed to a passphrase or to another Headgate's public key
 * shared sign-in       a project's sign-in that went into a bundle: several workspaces have it, its tokens are in the database
 * leased login         a database role made for one person for a short time, dropped afterwards
 * connector            code that reads one kind of data source
 * engine               code that talks to one kind of database
 */

export * from './models/access.ts';
export * from './models/base.ts';
export * from './models/browse.ts';
export * from './models/bundle.ts';
export * from './models/connection-work.ts';
export * from './models/connections.ts';
export * from './models/data.ts';
export * from './models/dictionary.ts';
export * from './models/imports.ts';
export * from './models/network.ts';
export * from './models/notices.ts';
export * from './models/query.ts';
export * from './models/retention.ts';
export * from './models/runs.ts';
export * from './models/sample.ts';
export * from './models/schedule.ts';
export * from './models/sources.ts';
export * from './models/typed-sign-in.ts';
export * from './models/vault.ts';
