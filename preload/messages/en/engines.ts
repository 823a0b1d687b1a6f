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
  'engines.bigquery.noServiceAccount':
    'The secret of this connection is not the key file of a service account.',
  'engines.bigquery.noServiceAccount.advice':
    'In the Google Cloud console, make a key of the service account as JSON, and enter the whole file.',
  'engines.clockOff':
    '{where} refused the sign-in: the clock of this computer is {seconds, plural, one {# second} other {# seconds}} off.',
  'engines.clockOff.advice': 'Set the clock of this computer, best by the network, then try again.',
  'engines.bigquery.keyRefused': '{where} refused the key of the service account.',
  'engines.bigquery.keyRefused.advice':
    'The key may have been deleted, rotated or disabled, and the account too. Make a new key and enter it here.',
  'engines.bigquery.noBilling': 'Billing is not enabled for the project “{database}”.',
  'engines.bigquery.noRight.advice':
    'Give the service account the roles BigQuery Job User on the project and BigQuery Data Viewer on the datasets.',
  'engines.bigquery.notFound': 'BigQuery does not find it: {said}.',
  'engines.bigquery.notFound.advice':
    'Check the name, and the location: outside of the US and the EU a wrong location is answered like a wrong name.',
  'engines.bigquery.tooMuch': '{where} takes no more requests of this project for now.',
  'engines.bigquery.tooMuch.advice':
    'Wait a minute and try again, or ask whoever administers the project about its quotas.',
  'engines.bigquery.mayRead':
    '{datasets, plural, one {One dataset} other {# datasets}} can be seen; queries can be run.',
  'engines.query.onlySelect': 'Only a SELECT is run here.',
  'engines.query.overCeiling':
    'The query would read {reads} GB; this connection lets a query be billed for {ceiling} GB.',
  'engines.query.overCeiling.advice':
    'Name fewer columns or a partition, or have a DBA raise the ceiling of the connection. LIMIT does not make it cheaper.',
  'engines.query.rowTooLong':
    'A row of the answer is larger than can be shown; ask for fewer or shorter columns.',
  'engines.mysql.asksForFile': '{where} asked for a file of this computer, and got none.',
  'engines.mysql.asksForFile.advice':
    'No server needs that to answer a query. Ask a DBA whether this is the right one.',
  'engines.databricks.host.advice':
    'Enter the host of the workspace as the browser shows it, for example dbc-1a2b3c4d-5e6f.cloud.databricks.com.',
  'engines.databricks.clientRefused': '{where} refused the client id or the secret of the service principal.',
  'engines.databricks.clientRefused.advice':
    'The secret may have expired or been deleted. Make a new OAuth secret of the service principal in this workspace’s account, and enter both.',
  'engines.databricks.tokenRefused': '{where} refused the token.',
  'engines.databricks.tokenRefused.advice':
    'It may have expired or been revoked, or belong to another workspace. Make a new personal access token there, and enter it here.',
  'engines.databricks.ipBlocked': '{where} lets nobody in from the address of this computer.',
  'engines.databricks.ipBlocked.advice':
    'Ask whoever administers the workspace to add this network to its IP access list, or use a jump host that is on it.',
  'engines.databricks.tooMuch': '{where} takes no more requests for now.',
  'engines.databricks.tooMuch.advice':
    'Wait a minute and try again; the workspace limits how many requests it takes.',
  'engines.databricks.noRight.advice':
    'Give it CAN USE on the warehouse, USE CATALOG on the catalog, and USE SCHEMA and SELECT on what it is to read.',
  'engines.databricks.noWarehouse': 'There is no SQL warehouse “{warehouse}” in this workspace.',
  'engines.databricks.noWarehouse.advice':
    'Enter the id of the warehouse: it is the last part of the HTTP path under “Connection details”.',
  'engines.databricks.noCatalog': 'There is no catalog “{database}” in this workspace.',
  'engines.databricks.noCatalog.advice':
    'Check the name in the Catalog Explorer, and that the catalog is bound to this workspace.',
  'engines.databricks.hive':
    'The catalog “hive_metastore” can not be looked into without starting a warehouse.',
  'engines.databricks.hive.advice':
    'Name a catalog of Unity Catalog; tables of the old metastore can be brought into one by whoever administers the workspace.',
  'engines.databricks.mayRead': '{schemas, plural, one {One schema} other {# schemas}} can be seen.',
  'engines.databricks.runs': 'Warehouse “{warehouse}” is running.',
  'engines.databricks.starts': 'Warehouse “{warehouse}” is starting.',
  'engines.databricks.stops':
    'Warehouse “{warehouse}” is stopped: it starts at the first query, which takes seconds to minutes.',
  'engines.databricks.notStarted':
    'The warehouse was not there within {seconds, plural, one {# second} other {# seconds}}; the query was ended before it began.',
  'engines.databricks.notStarted.advice':
    'It may go on starting: ask again in a minute. For a warehouse that takes longer, raise the statement time-out of the connection.',
  'engines.databricks.stopped': 'The statement was ended at the server.',
  'engines.databricks.linkUnsafe':
    'The workspace named a place for the answer that is not reached over TLS; it was not gone to.',
  'engines.databricks.linkUnsafe.advice':
    'Check the host of the connection; if it is right, tell whoever administers the workspace.',
  'engines.databricks.pieceRefused':
    'A piece of the answer could not be fetched from where the workspace keeps it.',
  'engines.databricks.pieceRefused.advice':
    'Ask again. If it stays so, this network may keep you from the cloud storage of the workspace: ask its administrator which hosts it needs.',
  'engines.databricks.pieceTooLarge': 'A piece of the answer is larger than Headgate holds at once.',
  'engines.databricks.pieceTooLarge.advice': 'Name fewer columns, or cut long texts short in the query.',
  'engines.databricks.strangePiece': 'What came as a piece of the answer is not rows of text.',
  'engines.snowflake.noKey':
    'The secret of this connection is not a private RSA key that its passphrase opens.',
  'engines.snowflake.noKey.advice':
    'Enter the key as PEM, of at least 2048 bits, and its passphrase where it has one.',
  'engines.snowflake.host.advice':
    'Enter the host of the account, for example myorg-account.snowflakecomputing.com; Snowsight shows it under the account’s details.',
  'engines.snowflake.noAccount': 'There is no Snowflake account at {where}.',
  'engines.snowflake.network': '{where} lets this user in only from networks that a policy names.',
  'engines.snowflake.network.advice':
    'Ask an administrator to put the user under a network policy that has this network: an access token needs one.',
  'engines.snowflake.keyRefused': '{where} does not know this key of user “{user}”.',
  'engines.snowflake.keyRefused.advice':
    'Check the user, and have an administrator set the public half of the key for it.',
  'engines.snowflake.tokenRefused': '{where} refused the token.',
  'engines.snowflake.tokenRefused.advice':
    'It may have expired or been disabled: usually one is good for 15 days. Make a new programmatic access token and enter it here.',
  'engines.snowflake.tooMuch': '{where} takes no more requests for now.',
  'engines.snowflake.tooMuch.advice': 'Wait a minute and try again.',
  'engines.snowflake.notFound': 'Snowflake does not find it, or the role may not see it: {said}.',
  'engines.snowflake.notFound.advice':
    'Check the name, upper and lower case too, and what the role was granted.',
  'engines.snowflake.roleRefused': 'The user may not take the role “{role}”, or there is none of that name.',
  'engines.snowflake.roleRefused.advice':
    'Check the role, or leave it empty for the user’s own; a token can be restricted to one role.',
  'engines.snowflake.role.advice': 'Check the name, or name a role that may use it.',
  'engines.snowflake.noDatabase': 'There is no database “{database}”, or the role may not use it.',
  'engines.snowflake.noWarehouse': 'There is no warehouse “{warehouse}”, or the role may not use it.',
  'engines.snowflake.noWarehouse.advice': 'Name a warehouse in the connection that the role may use.',
  'engines.snowflake.ownWarehouse': 'No warehouse is named: queries use the user’s own.',
  'engines.snowflake.staysSuspended':
    'Warehouse “{warehouse}” is suspended and does not start by itself: queries fail until somebody starts it.',
} as const;
