/** Sentences of connections. */
export const connections = {
  'connections.lastTestConnectionMet': 'The last test of this connection met no such key.',
  'connections.lastTestConnectionMet.advice':
    'Test the connection again and compare the fingerprint it shows.',
  'connections.keyNotOneAccepted':
    'The key of {host} is not the one that was accepted before, so it is not accepted now.',
  'connections.jumpHostNamedTwice': 'a jump host is named twice.',
  'connections.keyMissing': 'the key for {host} is missing.',
  'connections.passwordMissing': 'the password for {host} is missing.',
  'connections.unixSocketNoAddress': 'a Unix socket has no address; leave it empty.',
  'connections.unixSocketOneComputer':
    'a Unix socket is one of this computer; leave the jump hosts out, or enter a host.',
  'connections.enterAgainStoredOne': 'enter it again; the stored one is not sent to another server.',
  'connections.enterAgainStoredOneNot': 'enter it again; the stored one is not sent on another way.',
  'connections.connectionNoJumpHost': 'this connection has no jump host of that id.',
  'connections.youMayNotChange': 'You may not change the connection “{connection}”.',
  'connections.wouldMoreThan20': '“{connection}” would have more than 20 tags.',
  'connections.noConnectionReplace': 'There is no connection to replace.',
  'connections.connectionNotImported': 'Its connection was not imported.',
  'connections.kindSourceNoSetting': 'This kind of source has no setting {unknown}.',
  'connections.noDataset': '{connector} has no dataset {missing}.',
  'connections.alreadyProjectNamed': 'There is already a project named “{project}”.',
  'connections.alreadyProjectNamed.advice': 'Rename one of the two, and import it again.',
  'connections.makeYoursAloneChmod':
    'Make it yours alone (chmod 600 {path}), and change passwords that others may have read.',
  'connections.noSuchFileUsual': 'There is no such file in its usual place.',
  'connections.noSuchFileUsual.advice': 'Choose the file, or paste what is in it.',
  'connections.importNotKnownAny': 'This import is not known any more.',
  'connections.importNotKnownAny.advice': 'Read the file again.',
  'connections.loginLeasedSomebodyElse': 'This login was leased to somebody else.',
  'connections.doesNotLendLogins': '“{connection}” does not lend logins.',
  'connections.doesNotLendLogins.advice': 'A DBA can turn leased logins on for this connection.',
  'connections.loginEndedWhileMade': 'This login was ended while it was made.',
  'connections.needsRole': '{what} needs the role {roles}.',
  'connections.projectUsesDoesNot':
    'The project “{project}” uses “{connectionName}”, which does not go along.',
  'connections.projectUsesDoesNot.advice': 'Choose that connection too, or leave the project out.',
  'connections.storedSecretsDoNot': 'Stored secrets do not leave this workspace, sealed ones included.',
  'connections.userPasswordNotVault': 'The user and password of “{name}” are not in the vault.',
  'connections.anotherPasswordBeingChanged': 'Another password is being changed just now.',
  'connections.anotherPasswordBeingChanged.advice': 'Wait until that is finished, then start again.',
  'connections.noConnectionTry': 'There is no connection to try.',
  'connections.noConnectionChange': 'There is no connection to change.',
  'connections.bothPasswordsKeptOnce':
    'Both passwords are kept. Once the server answers again, the right one is found by itself within minutes, or when the rotation is started again.',
  'connections.serverDidNotAnswer': 'The server of “{connection}” did not answer within {seconds} seconds.',
  'connections.whetherTookNewPassword': '{message} Whether it took the new password is not known yet.',
  'connections.youMayNotChangeConnection': 'You may not change the connection “{connection}”.',
  'connections.tryAgainWhenDatabase':
    'Try again when the database can be reached. If it lets neither password in, have a DBA set one there, and rotate to that one without telling the server.',
  'connections.serverCanToldNew': 'the server can be told a new password, not a new name.',
  'connections.oneThemSignsSomebody': 'one of them signs in as somebody else.',
  'connections.noRotationCouldUndone': 'There is no rotation that could be undone.',
  'connections.noRotationCouldUndone.advice':
    'The old password is kept for a day. Rotate again with the password you want.',
  'connections.whetherServerTookPassword':
    'Whether the server took the password of the last rotation of “{connection}” is not known yet.',
  'connections.passwordMissingOnlyOne': 'is missing; only one that the server is told can be made up.',
  'connections.keyFileCanNot': 'The key file {file} can not be read.',
  'connections.passwordJumpHostNot': 'The password of the jump host {where} is not in the vault.',
  'connections.keyJumpHostNot': 'The key of the jump host {where} is not in the vault.',
  'connections.connection': 'The connection “{connection}” is {state}.',
  'connections.othersCanReadSo': 'Others can read {path}, so nothing is taken from it, as with libpq.',
  'connections.noAnswerWithin':
    'There was no answer within {seconds, plural, one {# second} other {# seconds}}.',
  'connections.managing.along': 'Taking projects along',
  'connections.managing.import': 'Importing a project',
} as const;
