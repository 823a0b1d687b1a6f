import type { DatabricksSession } from './databricks-client.ts';
import { DatabricksRefused } from './databricks-errors.ts';

interface Me {
  readonly userName?: string;
  readonly displayName?: string;
}

/**
 * Whom the secret names, asked for once. A token that may not tell is none the worse: then it is what the connection says.
 * Fails where the workspace refuses whoever asks.
 */
export async function whoIs(session: DatabricksSession): Promise<string> {
  if (session.isKnown) return session.who;
  try {
    const { userName = '' } = await session.get<Me>('/api/2.0/preview/scim/v2/Me');
    if (userName !== '') session.who = userName;
  } catch (error) {
    const mayNotTell =
      error instanceof DatabricksRefused &&
      (error.status === 403 || error.status === 404) &&
      error.reason !== '' &&
      !/\bIP ACL\b|IP access list/i.test(error.said);
    if (!mayNotTell) throw error;
  }
  session.isKnown = true;
  return session.who;
}
