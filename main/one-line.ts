/**
 * A name as it stands in a question or a message: whoever chose it must not begin a line of their own in it, or turn the
 * direction of what follows.
 */
export const oneLine = (name: string): string =>
  name.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ');
