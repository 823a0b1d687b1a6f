/** What a run says on its way; a person reads it afterwards in its log. */
export const runs = {
  'runs.asked.person': 'Somebody asked for this run.',
  'runs.asked.schedule': 'The timetable asked for this run.',
  'runs.asked.resume': 'Headgate began this run after a start.',
  'runs.asked.accept': 'Somebody wants what is held to be published.',
  'runs.taken': 'It goes on from its last commit.',
  'runs.phase.starting': 'Opening the database and the place where it is put together.',
  'runs.phase.reading': 'Reading from the source.',
  'runs.phase.finishing': 'Everything is read. Types, keys and indexes are made.',
  'runs.phase.publishing': 'Publishing: readers see the new rows all at once.',
  'runs.reads': 'Reading “{dataset}”.',
  'runs.readsOn': 'Reading “{dataset}” on: {fetched, plural, one {# record is} other {# records are}} there.',
  'runs.readsOnOf':
    'Reading “{dataset}” on: {fetched, plural, one {# record is} other {# records are}} there, of {total}.',
  'runs.haveRead': '“{dataset}” is read: {count, plural, one {# record} other {# records}}.',
  'runs.sourceAsksToWait': 'The source asks to wait until {until}.',
  'runs.again': 'Asking again. {why}',
  'runs.databaseAgain': 'The database is tried again (attempt {attempt}). {why}',
  'runs.signInRenewed': 'The sign-in ran out and was renewed.',
  'runs.signInRefused': 'The source refuses the sign-in.',
  'runs.published':
    'Published: {tables, plural, one {# table} other {# tables}}, {records, plural, one {# record} other {# records}}.',
  'runs.publishedOver':
    'Published: {tables, plural, one {# table} other {# tables}}, {records, plural, one {# record} other {# records}}, {before} before.',
  'runs.held':
    'Held for review: {count, plural, one {# thing looks} other {# things look}} wrong. The old tables stay.',
  'runs.failed': 'Failed. {why} The old tables stay.',
  'runs.cancelled': 'Stopped and taken away; the published tables stay.',
  'runs.paused.person': 'Paused by somebody after its last commit.',
  'runs.paused.quit': 'Paused because Headgate closed.',
  'runs.paused.network': 'Paused because this computer is on no network.',
  'runs.waits': 'The source wants a longer pause. It goes on by itself at {until}.',
  'runs.decided.accepted': '{name} had it published.',
  'runs.decided.discarded': '{name} discarded it. What was published stays.',
  'runs.decided.replaced': '{name} had everything read anew.',
  'runs.delta.changes': 'Asking “{dataset}” only for what changed since the last publish.',
  'runs.delta.done':
    '“{dataset}”: asked for {asked} of {total, plural, one {# record} other {# records}}, with {requests, plural, one {# request} other {# requests}} instead of about {whole}; everything else is verified by count.',
  'runs.delta.found':
    '“{dataset}”: {gone, plural, one {# record is} other {# records are}} not at the source any more.',
  'runs.delta.fellBack': 'Reading everything instead. {why}',
  'runs.delta.newRepeat': '“{path}” can have several entries now, which concerns records that were not read.',
  'runs.delta.overflow': 'Values of “{table}” find no column of their own.',
  'runs.delta.retyped':
    'The column “{column}” of “{table}” gets another type, which concerns records that were not read.',
  'runs.delta.touched': '“{table}” is not as it was published.',
  'runs.delta.tooManyRequests':
    'What differs could not be found with {requests, plural, one {# request} other {# requests}}.',
  'runs.delta.notCounted': 'The source does not say how many records there are.',
  'runs.delta.notDivided': 'Too many records share one moment.',
  'runs.delta.neverSettles': 'The counts do not come to agree: {known} are known, the source counts {there}.',
  'runs.readAnew': 'Everything is read anew: {why}',
} as const;
