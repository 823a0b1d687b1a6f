/** Sentences of query. */
export const query = {
  'query.scopeEntry': '{field}: {why}',
  'query.text.advice': 'Take it out of the list, or correct its name.',
  'query.holdsDatasetHeadgateRead':
    '“{schema}” holds a dataset of Headgate, and is read by linking its source to this project',
  'query.holdsDatasetHeadgateRead.advice':
    'Link its source to this project: then its tables can be asked for as the others can.',
  'query.statementMistake': 'The statement has a mistake: {message}.',
  'query.noPicture': 'That is no picture in {format} that could be saved.',
  'query.serverPrintedPlanCan': 'The server printed a plan that can not be read.',
  'query.pageQueryBeingRead': 'A page of this query is being read already.',
  'query.queryNotOpenAny': 'This query is not open any more.',
  'query.queryNotDoneWithin': 'The query was not done within {seconds} seconds.',
  'query.noRight': '{sentence}{guess}',
  'query.text2.advice': 'Ask a DBA to let the role of this connection read it (GRANT SELECT).',
} as const;
