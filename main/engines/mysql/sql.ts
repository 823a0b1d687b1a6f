/** A name as MySQL and MariaDB quote it, whatever sql_mode says. */
export const ident = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/** A text as a literal that no sql_mode reads differently: as hexadecimal digits of its UTF-8. */
export const literal = (text: string): string =>
  text === '' ? "''" : `CONVERT(0x${Buffer.from(text, 'utf8').toString('hex')} USING utf8mb4)`;

/** A user as it stands in GRANT and SHOW GRANTS: `CURRENT_USER()` answers `name@host`, and the name may have an @ in it. */
export function account(currentUser: string): string {
  const at = currentUser.lastIndexOf('@');
  const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  return at < 0
    ? quoted(currentUser)
    : `${quoted(currentUser.slice(0, at))}@${quoted(currentUser.slice(at + 1))}`;
}
