/** Sentences of engines beside PostgreSQL, and of what not every engine can. */
export const engines = {
  'engines.canNot.land': 'Data sources are landed in PostgreSQL only; {engine} can be looked into and asked.',
  'engines.canNot.ask': '{engine} is asked in the query room of a project.',
  'engines.canNot.users': 'Logins and passwords of {engine} can not be changed from here.',
  'engines.wantsTls': '{where} lets user “{user}” in only over TLS.',
  'engines.wantsTls.advice':
    'Choose a TLS mode that encrypts, “verify-full” where the certificate allows it.',
  'engines.notThisEngine': 'What answers at {where} does not speak the language of {engine}.',
  'engines.notThisEngine.advice': 'Check the port, and whether this is the right kind of database.',
  'engines.mayRead':
    '“{database}” has {tables, plural, one {one table or view} other {# tables and views}} that can be read.',
  'engines.neverWritten': 'Headgate never writes to this kind of database.',
  'engines.nothingToRead': 'User “{user}” can read nothing in “{database}”.',
  'engines.mayWrite': 'User “{user}” may change data there ({rights}); a user that only reads is enough.',
  'engines.reachesBeyond':
    'User “{user}” has rights that reach beyond the tables ({rights}); a user that only reads is enough.',
  'engines.mysql.noPasswordLogin':
    '{where} lets user “{user}” in without a password only from the computer itself.',
  'engines.mysql.noPasswordLogin.advice':
    'Use another user, or ask a DBA for one that signs in with a password.',
  'engines.mysql.refused.advice':
    'Check user and password; MySQL keeps users by the address they come from, so it may know this one from elsewhere only.',
  'engines.mysql.hostNotAllowed': '{where} accepts no connections from this computer: {message}.',
  'engines.mysql.hostNotAllowed.advice':
    'Ask a DBA to allow user “{user}” from this address, or use a jump host.',
  'engines.mysql.noDatabase': '{where} has no database “{database}”, or user “{user}” may not see it.',
  'engines.mysql.noDatabase.advice':
    'Check the name, upper and lower case too, and whether the user was given a right in it.',
  'engines.mysql.unknownPlugin': '{where} wants to sign in with “{plugin}”, which Headgate does not know.',
  'engines.mysql.unknownPlugin.advice':
    'Ask a DBA for a user with caching_sha2_password or mysql_native_password.',
  'engines.query.quoteOpen': 'A quotation mark is not closed.',
  'engines.query.commentOpen': 'A comment is not closed.',
  'engines.query.runComment': 'Comments that the server runs are not allowed.',
  'engines.query.several': 'One statement at a time.',
  'engines.query.empty': 'There is no statement.',
  'engines.query.onlyReading':
    'Only statements that read are run here: SELECT, WITH, SHOW, DESCRIBE and EXPLAIN.',
  'engines.query.into': 'A query may not write into files or variables of the server.',
  'engines.query.files': 'A query may not read files of the server.',
  'engines.query.wouldWrite': 'The statement would change something; only reading is allowed.',
  'engines.hasNot': '{engine} does not have this',
  'engines.clickhouse.wrongPort.advice':
    'Headgate speaks to ClickHouse over HTTP: usually port 8443 with TLS, 8123 without; 9000 and 9440 are for its own clients.',
  'engines.query.beyond': 'A query reads the tables of the server only, not files or other servers.',
  'engines.query.format': 'Leave FORMAT out: rows are shown here, and exported in the format you choose.',
  'engines.isNeeded': 'is needed for this kind of database',
} as const;
