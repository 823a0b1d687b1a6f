/** Sentences of store. */
export const store = {
  'store.headgateNeedsNodeNewer': 'Headgate needs Node {oldestNode} or newer; this is {version}.',
  'store.headgateNeedsNodeNewer.advice':
    'Start it through npm (npm run …), which brings the right Node along.',
  'store.workspaceFileCanNot': 'The workspace file {file} can not be opened.',
  'store.workspaceFileVersionHeadgate':
    'The workspace file {file} has version {present}; this Headgate knows versions up to {known}.',
  'store.workspaceFileCanNotMade': 'The workspace file {file} can not be made.',
  'store.databaseConnectionNoLonger': 'This database connection no longer exists.',
  'store.connectionUsed': 'The connection “{connection}” is used by {names}.',
  'store.anotherKeyAcceptedBefore': 'Another key of {host}:{port} was accepted before.',
  'store.anotherKeyAcceptedBefore.advice':
    'Forget the old key first, and only if your administrator confirms the new one.',
  'store.keyNotKnown': 'This key is not known.',
  'store.leasedLoginNotKnown': 'This leased login is not known.',
  'store.signNoLongerExists': 'This sign-in no longer exists.',
  'store.datasetNoLongerExists': 'This dataset no longer exists.',
  'store.tablesColumnsSourceCan': '{mostNotes} tables and columns of a source can be described.',
  'store.syncJobNoLonger': 'This sync job no longer exists.',
  'store.anotherHeadgateComputerTook': 'Another Headgate of this computer took this sync over.',
  'store.nothingKeptUnderId': 'Nothing is kept under this id any more.',
  'store.sourceNoLongerLinked': 'This source is no longer linked to the project.',
  'store.projectNoLongerExists': 'This project no longer exists.',
  'store.projectNoLongerExistsAnother': 'This project no longer exists, or is in another database now.',
  'store.noSuchQueryAmong': 'There is no such query among yours.',
  'store.dataSourceNoLonger': 'This data source no longer exists.',
  'store.noSuchAgent': 'There is no such agent.',
  'store.personNotKnownHere': 'This person is not known here.',
} as const;
