/** Sentences of looking at rows. */
export const browse = {
  'browse.noColumn': 'This table has no column “{column}” any more.',
  'browse.wantsNumber': 'Enter a number, such as 12 or −3.5, with a point and without spaces.',
  'browse.wantsDay': 'Enter a day that there is, such as 2026-03-31.',
  'browse.wantsMoment': 'Enter a day or a time that there is, such as 2026-03-31 or 2026-03-31 14:05.',
  'browse.wantsBoolean': 'Choose true or false.',
  'browse.noRange': 'True and false have no range.',
  'browse.otherKey': 'This does not fit the key of the table.',
} as const;
