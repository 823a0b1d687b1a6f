/** Sentences that several rooms say. */
export const common = {
  'list.quoted': '“{item}”',
  'common.several': '{all}',
  'common.andMore': '{names}, {more} more',
  'common.field': '{path}: {why}',
  'common.problems': '{first}; {others}',
  'common.workCancelled': 'The work was cancelled.',
  'source.wait.requests': '{site} asks to wait, because of too many requests.',
  'source.wait.maintenance': '{site} asks to wait, because of maintenance.',
  'source.waitSeconds.requests':
    '{site} asks to wait {seconds, plural, one {# second} other {# seconds}}, because of too many requests.',
  'source.waitSeconds.maintenance':
    '{site} asks to wait {seconds, plural, one {# second} other {# seconds}}, because of maintenance.',
  'source.waitMinutes.requests':
    '{site} asks to wait {minutes, plural, one {# minute} other {# minutes}}, because of too many requests.',
  'source.waitMinutes.maintenance':
    '{site} asks to wait {minutes, plural, one {# minute} other {# minutes}}, because of maintenance.',
  'people.tooManyTries': 'Too many wrong passphrases. The next one is looked at after {until}.',
  'people.agentTooMany':
    'This agent has made {limit} calls within an hour, which is the limit. The next can be made at {until}.',
  'vault.tooManyTries': 'Too many wrong passphrases. The next one is looked at {until}.',
  'vault.tooManyTries.advice': 'Wait until then and check the keyboard layout and caps lock meanwhile.',
  'query.tooMany':
    'You have asked {limit} queries within an hour, which is the limit. The next can be asked at {until}.',
  'dispatch.unknownFields': 'has a field that is not known here: {names}',
} as const;
