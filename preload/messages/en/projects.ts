/** Sentences of projects. */
export const projects = {
  'projects.projectsOwnSignNeeds': 'A project’s own sign-in needs the role {roles}.',
  'projects.doesNotAcceptUser': '{title} does not accept this user name with this API key.',
  'projects.sourceRefusedTokensJust': 'The source refused the tokens it just handed out.',
  'projects.didNotAllowHeadgate': '{title} did not allow Headgate to read data with this sign-in.',
  'projects.takesNoApiKeys': '{title} takes no API keys.',
  'projects.takesNoApiKeys.advice': 'Sign in in the browser.',
  'projects.signBelongsSomebodyElse': 'This sign-in belongs to somebody else.',
  'projects.otherWorkspacesReadSign': 'Other workspaces read with this sign-in too.',
  'projects.otherWorkspacesReadSign.advice':
    'Say whether it ends for everybody, or is only forgotten here (“everywhere”: true or false).',
  'projects.datasetBelongsSomebodyElse': 'This dataset belongs to somebody else.',
  'projects.datasetNoTable': 'This dataset has no table “{table}”.',
  'projects.tableNotPublishedAny': 'This table is not published any more.',
  'projects.tableNoColumn': 'The table “{table}” has no column “{column}”.',
  'projects.projectNoSuchDataset': 'This project has no such dataset with tables.',
  'projects.tablesAnotherSourceOwner':
    'The tables in “{schemaName}” are of another source, owner or database.',
  'projects.tablesAnotherSourceOwner.advice': 'Link the source without them: it gets a schema of its own.',
  'projects.theseTablesBelongSomebody': 'These tables belong to somebody else.',
  'projects.connectionNotHeadgateAny': 'The connection “{connectionName}” is not in Headgate any more.',
  'projects.connectionNotHeadgateAny.advice':
    'Have the schema “{schemaName}” dropped at the database, then take it off this list.',
  'projects.noDataset': '{connector} has no dataset {unknown}.',
  'projects.sourceNoOauthClient': 'The source “{name}” has no OAuth client id to sign in with.',
  'projects.sourceNoOauthClient.advice':
    'Sign in with an API key, or enter the client id that its operators registered Headgate under.',
  'projects.connection': 'The connection “{name}” is {state}.',
  'projects.beingReadIntoDatabase': '“{sourceName}” is being read into the database of “{connectionName}”.',
  'projects.beingReadIntoDatabase.advice': 'Cancel its sync, or discard what is held, then make the change.',
  'projects.tablesDatabase':
    'The tables of “{sourceName}” are in the database of “{connectionName}”, in “{schemaName}”.',
  'projects.tablesDatabase.advice':
    'Say whether they are kept, or go once they are there anew (“oldTables”: “keep” or “drop”).',
  'projects.kindSourceNoSetting': 'This kind of source has no setting {unknown}.',
  'projects.nobodySignedYet': 'Nobody has signed in to “{source}” yet.',
  'projects.whoseDatasetMayNot': '{owner}, whose dataset this is, may not run syncs any more.',
  'projects.sourceSwitchedOff': 'The source “{source}” is switched off.',
  'projects.countedTooLong': 'The source did not say in time how many it has.',
  'projects.nobodySignedDatasetYet': 'Nobody has signed in to “{source}” for this dataset yet.',
  'projects.sourceNo': 'The source “{source}” has no {setting}.',
  'projects.sourceNo.advice': 'Open Sources and choose one.',
  'projects.nothingWrittenOverConnection': 'Nothing is written over the connection “{connection}”.',
  'projects.noAccessTo': 'You signed in as {account}, who has no access to the {field} “{value}”.',
  'projects.noAccessToData': 'You signed in as {account}, who has no access to the data of this source.',
  'projects.signInKept': 'The working sign-in as {account} was kept.',
  'projects.nothingStored': 'Nothing was stored.',
} as const;
