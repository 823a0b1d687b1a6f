/** Sentences of source. */
export const source = {
  'source.narrowDownWhatRead':
    'Narrow down what is read, by form, case type or date, in the options of the link, or ask the source’s support about records of this size.',
  'source.webPageCameBack': 'A web page came back instead of data from {site}.',
  'source.doesNotSayWhether': '{site} does not say whether it knows this key.',
  'source.doesNotAcceptSign': '{connector} does not accept this sign-in any more.',
  'source.answersErrorOwn': '{site} has a problem of its own ({status}).',
  'source.refusedRequest': '{site} refused the request {pathname} ({status}).',
  'source.sentAnswerNotJson': '{site} sent an answer that is not the JSON it should be.',
  'source.noKindSource': 'There is no kind of source “{type}”.',
  'source.noKindSource.advice': 'Known are: {known}.',
  'source.answerTooLong': '{site} sent an answer of more than {megabytes} MB.',
  'source.answerTooLong.records':
    '{site} sent an answer of more than {megabytes} MB, although only {records, plural, one {# record was} other {# records were}} asked for.',
  'source.doesNotAcceptPassword': '{title} does not accept this account with this password.',
} as const;
