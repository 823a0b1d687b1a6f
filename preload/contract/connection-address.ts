/*
 * A source that is read over a connection of the vault has that connection in the place of a server's address: what is bound to
 * an address, such as a sign-in, is bound to the connection then.
 */

const scheme = 'connection:';

/** The address of a source that is read over a connection. */
export const addressOfConnection = (connectionId: string): string => `${scheme}${connectionId}`;

/** The connection that a source is read over; null for a source with a server of its own. */
export const connectionOfAddress = (baseUrl: string): string | null =>
  baseUrl.startsWith(scheme) ? baseUrl.slice(scheme.length) : null;
