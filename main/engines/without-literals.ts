/**
 * A statement with its values left out, for a history that keeps none: texts and numbers become `?`. Names stay, also those in
 * backticks. What is never closed is left out to its end: nobody can tell what it holds.
 */
export function withoutLiterals(sql: string): string {
  const pattern =
    /('(?:[^'\\]|\\.|'')*'?|"(?:[^"\\]|\\.|"")*"?)|(`(?:[^`]|``)*`?)|(--\s[^\n]*|#[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|([A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*)|(\d[\w.]*)/g;
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
