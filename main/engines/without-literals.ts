/**
 * A statement with its values left out, for a history that keeps none: texts and numbers become `?`. Names stay, also those in
 * backticks. What is never closed is left out to its end: nobody can tell what it holds.
 */
export function withoutLiterals(sql: string): string {
  const texts = [
    // A text in which a backslash may or may not stand for itself ends nobody knows where.
    String.raw`\b[rR](?:'[^'\\]*'|"[^"\\]*"|['"][\s\S]*$)`,
    String.raw`'(?:[^'\\]|\\.|'')*'?`,
    String.raw`"(?:[^"\\]|"")*"|"[\s\S]*$`,
    String.raw`\$\$[\s\S]*?(?:\$\$|$)`,
  ].join('|');
  const names = '`(?:[^`]|``)*`?';
  // So does a comment that holds another one.
  const comments = String.raw`--[^\n]*|\/\/[^\n]*|#[^\n]*|\/\*(?:(?!\*\/|\/\*)[\s\S])*(?:\*\/|$)|\/\*[\s\S]*$`;
  const words = String.raw`[A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*`;
  const pattern = new RegExp(String.raw`(${texts})|(${names})|(${comments})|(${words})|(\d[\w.]*)`, 'g');
  return sql.replace(pattern, (found, text, name, comment, word) =>
    text !== undefined
      ? '?'
      : comment !== undefined
        ? ' '
        : name !== undefined || word !== undefined
          ? found
          : '?',
  );
}
