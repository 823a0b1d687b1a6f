/** Sentences of sync. */
export const sync = {
  'sync.syncRunAnotherHeadgate':
    'This sync of “{sourceName}” is run by another Headgate of this computer (process {pid}).',
  'sync.syncRunAnotherHeadgate.advice':
    'Wait for it to finish, or take it over: in the window beside the sync, or with headgate call syncs.takeOver, the id of the job and a reason.',
  'sync.syncDatasetUnderWay': 'A sync of this dataset is under way.',
  'sync.noRefreshDatasetWaits': 'No refresh of this dataset waits for review.',
  'sync.noRefreshDatasetWaits.advice': 'It may have been accepted or discarded already.',
  'sync.sourceAsksWaitAgain': 'The source asks to wait again and again.',
  'sync.syncCouldNotStarted': 'The sync could not be started.',
  'sync.endSyncCouldNot': 'The end of the sync could not be written to the workspace file.',
  'sync.signCouldNotRenewed': 'The sign-in could not be renewed.',
  'sync.workspaceFileCanNot': 'The workspace file can not be read.',
  'sync.whatPublishedCouldNot':
    'What is to be published could not be written down in the workspace file, so it was not published.',
  'sync.syncNeededMoreMemory': 'The sync needed more memory than it may use.',
  'sync.syncStoppedDefectHeadgate': 'The sync stopped on a defect of Headgate.',
  'sync.workerSyncEndedEarly': 'The worker of the sync ended early.',
  'sync.connectionLostDidNot': 'The connection was lost, and did not come back for some minutes. {message}',
  'sync.publishedButWhatNot': '“{schema}” was published, but what was in it is not known here.',
  'sync.publishedButWhatNot.advice': 'Start the sync again; it reads everything anew.',
  'sync.sourceSentOneWithout': 'The source sent one of the {dataset} without its “{key}”.',
  'sync.syncIntoSchemaUnder': 'A sync into the schema “{schema}” is under way, or was cut off.',
  'sync.schemaStaysBecauseWould': 'The schema “{schema}” stays, because with it would go: {slice}{more}.',
  'sync.schemaStaysBecauseWould.advice':
    'Ask the owners whether it is still needed. What is not, goes with: {slice}.',
  'sync.askOwnersWhetherStill':
    'Ask the owners whether that is still needed, have it dropped, then try again.',
  'sync.schemaBeingRefreshedHeadgate':
    'The schema “{schema}” is being refreshed by Headgate on “{host}” (process {pid}) since {since}.',
  'sync.anotherHeadgateTookOver':
    'Another Headgate took over the refresh of “{schema}”, because this one gave no sign of life.',
  'sync.schemaUseAnotherSession': 'The schema “{schema}” is in use by another session of the database.',
  'sync.refreshPublishedGone': 'The refresh of “{schema}” that was to be published is gone.',
  'sync.noRoleServerRead': 'There is no role “{missing}” on the server, which is to read the tables.',
  'sync.noRoleServerRead.advice':
    'Correct the reader roles under Projects, or ask a DBA to run: CREATE ROLE {ident} NOLOGIN;',
  'sync.databaseSharedSignDid': 'The database of the shared sign-in did not answer within {seconds} seconds.',
  'sync.columnChangesTypeTransaction':
    'A column of “{schema}” changes its type, and a transaction that began before has been open for more than a minute.',
  'sync.schemaPublishedSomebodyElse': 'The schema “{schema}” was published by somebody else meanwhile.',
  'sync.whatHelps': 'What helps: {statements}',
  'sync.tablesUseMinute': 'The tables of “{schema}” were in use for a minute.',
  'sync.rowsNotAllCould':
    'Of the rows of “{schema}.{table}” not all could be written: {message}. A trigger or rule on it keeps some.',
  'sync.replacedSomethingElseMeanwhile': '{other} was replaced by something else meanwhile.',
  'sync.refreshChangesTablesOnce':
    'The refresh of “{schema}” changes {value} tables at once and needs about {needed} locks for it; the server has room for {room} in all.',
  'sync.schemaTableNotHeadgates': 'The schema “{schema}” has a table “{plan}” that is not Headgate’s.',
  'sync.refreshWouldRunCode': 'A refresh would run code of somebody else: {named}.',
  'sync.ruleDoesSomethingElse': 'A rule does something else in the place of what a refresh writes: {map}.',
  'sync.rowSecurityAppliesOwner':
    'Row security applies to the owner of {map} too (FORCE ROW LEVEL SECURITY), so that a refresh could miss rows.',
  'sync.noPlainTableAny': '{where} is no plain table any more.',
  'sync.tableBelongsRoleNow': 'The table {where} belongs to the role “{owner}” now.',
  'sync.columnTypeHeadgateDid':
    'The column “{found}” of {where} has the type {type}, which Headgate did not give it.',
  'sync.keyColumnGone': 'The key column “{to}” of {where} is gone.',
  'sync.held.zeroRows': '“{table}” would be empty; it has {before, plural, one {# row} other {# rows}} now.',
  'sync.held.shrunk': '“{table}” would shrink from {before} to {after, plural, one {# row} other {# rows}}.',
  'sync.held.countMismatch':
    'The source announced {announced, plural, one {# record} other {# records}} for “{table}”, and {records} came.',
  'sync.held.tableGone': 'The table “{table}” with {rows, plural, one {# row} other {# rows}} would be gone.',
  'sync.held.columnGone': 'The column “{column}” of “{table}” would be gone.',
  'sync.noPrimaryKey':
    'The table “{table}” can’t get its primary key back: {answer}. Without it Headgate can’t tell its rows apart.',
  'sync.constraintKeepsRows':
    'The constraint “{constraint}” keeps the rows of “{table}” from being refreshed: {answer}',
  'sync.otherConstraintKeepsRows':
    'The constraint “{constraint}” of “{other}” keeps the rows of “{table}” from being refreshed: {answer}',
  'sync.columnKeepsRows': 'The column “{column}” keeps the rows of “{table}” from being refreshed: {answer}',
  'sync.somethingKeepsRows':
    'Something on the table ({what}) keeps the rows of “{table}” from being refreshed: {answer}',
  'sync.columnTypeBlocked':
    'The column “{column}” of “{table}” has to become {type} (it is {before}), which is not possible while it is used by {users}.',
  'sync.newColumnsBlocked':
    '“{table}” gets new columns ({columns}), which is not possible while others inherit from it: {users}.',
  'sync.keyBlockedByRows':
    'The primary key of “{table}” gets another column ({columns}), which is not possible while its whole rows are kept by {users}.',
  'sync.keyBlockedByForeignKey':
    'The primary key of “{table}” gets another column, which is not possible while the foreign key “{name}” of {relation} (owner {owner}) points to it.',
  'sync.schemaUsed': 'The schema “{schema}” is in use: {answer}.',
  'sync.schemaUsedBySomething': 'The schema “{schema}” is in use: something depends on it.',
  'sync.waitsComputer': 'It waits for its turn: {count, plural, one {# sync} other {# syncs}} at once here.',
  'sync.waitsSource':
    'It waits for its turn: {count, plural, one {# sync} other {# syncs}} of one source at once.',
  'sync.waitsSessions':
    'It waits for free sessions of its database, which has room for {count, plural, one {# sync} other {# syncs}} at once.',
  'sync.notRemoved': 'What was read so far could not be removed from the database: {why}',
  'sync.databaseSilent': 'the database did not answer',
  'sync.nothingSeen.scope':
    'The {noun} “{value}” holds no {datasets} that this account can see. The tables were made empty. If you expected data, check the {noun} and what your role may see.',
  'sync.nothingSeen.source':
    '{source} holds no {datasets} that this account can see. The tables were made empty. If you expected data, check the settings of the source and what your role may see.',
  'sync.overflowed':
    'Some values found no column, no room in their row, or do not fit their column: see the column “overflow” of {tables}.',
  'sync.moved': '{columns} of “{table}” moved to “{to}”, because a record can have several there.',
  'sync.andMoreColumns': '{columns} and {more, plural, one {# more column} other {# more columns}}',
  'sync.noLabels': '{source} did not say what its questions are called, so labels stay as they were. {why}',
  'sync.labelsLate': 'The answer took more than {minutes, plural, one {# minute} other {# minutes}}.',
  'sync.labelsUnread': 'The answer could not be read.',
  'sync.columnStays': 'The column “{column}” of “{table}” stays, empty, because it is used by {users}.',
  'sync.tablesStay': 'Tables that the source has no more stay, empty, because they are used: {tables}.',
  'sync.viewsNotRefreshed': 'Materialised views that could not be refreshed: {views}.',
  'sync.viewOfOther':
    '“{view}” of the role “{owner}” (GRANT {role} TO the sync role, or GRANT MAINTAIN ON {relation} from PostgreSQL 17 on, lets Headgate refresh it)',
  'sync.viewFailed': '“{view}” ({why})',
  'sync.catalogueNotUpdated':
    'The data dictionary in the schema “{schema}” of the database could not be updated: {why}. The tables themselves are published.',
} as const;
