import { userInfo } from 'node:os';

/** The name of the operating system's user. In containers a user may have none: then what the environment says. */
export function osUserName(env: Readonly<Record<string, string | undefined>>): string {
  try {
    const { username } = userInfo();
    if (username) return username;
  } catch {
    // No entry in the user database.
  }
  return env['USER'] || env['LOGNAME'] || env['USERNAME'] || 'owner';
}
