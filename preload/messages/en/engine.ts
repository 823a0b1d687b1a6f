/** Sentences of engine. */
export const engine = {
  'engine.askDbaRun': 'Ask a DBA to run: {fixSql}',
  'engine.stoppedAnswering': '{place} stopped answering.',
  'engine.userMayNotConnect': 'User “{user}” may not connect to the database “{database}”.',
  'engine.schemaExistsNotMade': 'The schema “{schema}” exists and was not made by Headgate.',
  'engine.schemaBelongsAnotherDataset': 'The schema “{schema}” belongs to another dataset of Headgate.',
  'engine.ownedNotUserConnection.advice':
    'Headgate writes only to what its own user owns. Ask a DBA who “{owner}” is: if it was an earlier user of this connection, give what it owned to the present one (REASSIGN OWNED BY); else rename or drop it.',
  'engine.headgateDidNotMake': '{table} {odd}, which Headgate did not make.',
  'engine.headgateDidNotMake.advice':
    'Headgate writes to it only as it made it. Ask a DBA to remove what was added to {table}, or to drop the table.',
  'engine.allSessionsConnectionBusy':
    'All {count} sessions of this connection were busy for {seconds} seconds.',
  'engine.allSessionsConnectionBusy.advice':
    'Try again, or allow more sessions in the pool of this connection.',
  'engine.connectionBeingClosed': 'The connection is being closed.',
  'engine.poolerNoSessionSpare': 'The pooler has no session to spare.',
  'engine.reachedButDidNot': '{place} is reached, but did not sign us in within {seconds} seconds.',
  'engine.serverDidNotTake': 'The server did not take the request to cancel.',
  'engine.runSuperuser': 'Run as a superuser: {sql}',
  'engine.roleNotMadeHeadgate': 'The role “{role}” was not made by this Headgate.',
  'engine.roleNotMadeHeadgate.advice': 'It is left alone. If it is not needed, ask a DBA to drop it.',
  'engine.leasedLoginOwnsSomething': 'The leased login “{role}” owns something, which would go with it.',
  'engine.leasedLoginOwnsSomething.advice':
    'It can not log in any more. Where it made something, have a DBA run: REASSIGN OWNED BY {ident} TO another role; then it is dropped by itself.',
  'engine.leasedLoginGivenRights': 'The leased login “{role}” was given rights in other databases too.',
  'engine.leasedLoginGivenRights.advice':
    'It can not log in any more. Have a DBA run there: DROP OWNED BY {ident}; then it is dropped by itself.',
  'engine.databaseDoesNotSay': 'The database does not say who is signed in.',
  'engine.whatWrittenCouldNot': 'What was written could not be read back.',
  'engine.schemaNoTable': 'The schema “{schema}” has no table “{table}”.',
  'engine.jumpHostShowsRevoked': 'The jump host {where} shows a {shown}, which was revoked.',
  'engine.jumpHostShowsRevoked.advice':
    'Stop: this key must not be used any more. Ask the administrator of the jump host.',
  'engine.jumpHostShowsAnother': 'The jump host {where} shows another key than before: a {shown}.',
  'engine.jumpHostNotKnown': 'The jump host {where} is not known yet. It shows a {shown}.',
  'engine.sshAgentDoesNot': 'The SSH agent does not sign with its key.',
  'engine.sshAgentDoesNot.advice':
    'Unlock the agent (ssh-add -X), or confirm the use of the key where it asks.',
  'engine.jumpHostComputerNo': 'The jump host {where} and this computer have no way of encrypting in common.',
  'engine.jumpHostComputerNo.advice':
    'Ask its administrator which ciphers and keys it allows; very old ones are not supported.',
  'engine.whatAnswersNotSsh': 'What answers at {where} is not an SSH server.',
  'engine.whatAnswersNotSsh.advice': 'Check the address and port of the jump host.',
  'engine.jumpHostClosedConnection': 'The jump host {where} closed the connection before the sign-in.',
  'engine.jumpHostClosedConnection.advice':
    'Try again. If it stays, ask its administrator: it may refuse too many connections, or this computer.',
  'engine.jumpHostDidNot': 'The jump host {where} did not sign us in within {seconds} seconds.',
  'engine.connectionJumpHostLost': 'The connection to the jump host {where} was lost.',
  'engine.jumpHostCouldNot': 'The jump host {where} could not reach {to} within {seconds} seconds.',
  'engine.jumpHostDoesNot': 'The jump host {where} does not allow a way to {to}.',
  'engine.jumpHostDoesNot.advice':
    'Ask its administrator to allow TCP forwarding there (AllowTcpForwarding, PermitOpen).',
  'engine.jumpHostCouldNotReach': 'The jump host {where} could not reach {to}: {why}.',
  'engine.jumpHostCouldNotReach.advice':
    'Check host and port as the jump host sees them: “localhost” is the jump host itself.',
  'engine.jumpHostOpenedNo': 'The jump host {where} opened no way to {to}.',
  'engine.sshAgentDoesNotHold': 'The SSH agent does not hold the key that is chosen for {hop}.',
  'engine.sshAgentDoesNotHold.advice':
    'Add that key to the agent (ssh-add, or unlock the program that keeps it), or choose another one.',
  'engine.sshAgentHoldsNo': 'The SSH agent holds no key, so {hop} would refuse it.',
  'engine.sshAgentHoldsNo.advice': 'Add the key to the agent (ssh-add), or use a key or a password instead.',
  'engine.jumpHostWantsSecond': 'The jump host {where} wants a second proof of user “{user}” ({accepted}).',
  'engine.jumpHostWantsSecond.advice':
    'Ask its administrator for an account that one key or one password is enough for.',
  'engine.jumpHostReachedBut': 'The jump host {where} is reached, but it refused {what} of user “{user}”.',
  'engine.checkUserJumpHost': 'Check the user of the jump host, and enter its password again.',
  'engine.checkUserJumpHostPublic':
    'Check the user of the jump host, and that the public half of the key is in its authorized_keys.',
  'engine.jumpHostDidNotAnswer': 'The jump host {hop} did not answer within {seconds} seconds.',
  'engine.connectionJumpHostLostWhile': 'The connection to the jump host was lost while nobody used it.',
  'engine.hungUpWhenAsked': '{where} hung up when it was asked for TLS.',
  'engine.hungUpWhenAsked.advice':
    'Check that host and port are those of PostgreSQL. A firewall that does not know PostgreSQL does this too.',
  'engine.answeredQuestionTlsError': '{where} answered the question for TLS with an error.',
  'engine.answeredQuestionTlsError.advice':
    'Try again. If it stays, the log of the server tells why: it may be out of memory or of sessions.',
  'engine.whatAnswersNotPostgresql': 'What answers at {where} is not PostgreSQL.',
  'engine.whatAnswersNotPostgresql.advice': 'Check host and port: another kind of server listens there.',
  'engine.caCertificateConnectionCan': 'The CA certificate of this connection can not be read.',
  'engine.caCertificateConnectionCan.advice': 'Enter the CA certificate of the server again, in PEM form.',
  'engine.hungUpRightAfter': '{where} hung up right after the TLS handshake.',
  'engine.hungUpRightAfter.advice':
    'Try again. If it stays, it may want a client certificate; the log of the server tells.',
  'engine.doesNotAcceptClient': '{where} does not accept the client certificate of this connection.',
  'engine.doesNotAcceptClient.advice':
    'Check that it is the certificate for this server, that it has not expired, and that the server knows the CA that issued it.',
  'engine.reachedButSaidNothing': '{where} is reached, but said nothing within {seconds} seconds.',
  'engine.reachedButSaidNothing.advice': 'Check that host and port are those of PostgreSQL, then try again.',
  'engine.doesNotOfferTls': '{where} does not offer TLS.',
  'engine.doesNotOfferTls.advice':
    'Choose TLS mode “disable” if this network is trusted, or turn TLS on at the server (ssl = on).',
  'engine.nameCouldNotLooked':
    'The name “{host}” could not be looked up within {seconds} seconds: no name server answered.',
  'engine.nameCouldNotLooked.advice': 'Check the network and VPN of this computer.',
  'engine.notKnown.advice':
    'Check the spelling of the host name and that you are on the right network or VPN.',
  'engine.checkPortServerRunning':
    'Check the port, and that the server is running and accepts connections from this computer.',
  'engine.noWayFromComputer': 'There is no way from this computer to {where}.',
  'engine.noSocketServerPort': 'There is no socket of a server in {host} for port {port}.',
  'engine.noSocketServerPort.advice':
    'Check folder and port (unix_socket_directories, port), and that the server runs on this computer.',
  'engine.computerDoesNotAllow': 'This computer does not allow connections to {where}.',
  'engine.computerDoesNotAllow.advice': 'Check the firewall of this computer.',
  'engine.couldNotReached': '{where} could not be reached.',
  'engine.didNotAnswerWithin': '{prefix}{place} did not answer within {seconds} seconds.',
  'engine.computerOfflineSoCan': 'This computer is offline, so {where} can not be reached.',
  'engine.nothingAcceptsConnections': 'Nothing accepts connections at {where}.',
  'engine.acceptsNoConnections': '{where} accepts no connections.',
  'engine.turnSettingOff': 'A DBA can turn it off for this user: {sql}',
  'engine.doesNotLetUser': '{where} does not let user “{user}” in without TLS.',
  'engine.doesNotLetUser.advice':
    'Choose a TLS mode other than “disable”, best “verify-full”. If it stays, ask a DBA to add this computer to pg_hba.conf.',
  'engine.letsUserNotInto': '{where} lets user “{user}” not into “{database}” from the address {from}.',
  'engine.letsUserNotInto.advice': 'Ask a DBA to add to pg_hba.conf: {line}',
  'engine.setRefuseUserFrom': '{where} is set to refuse user “{user}” from here (pg_hba.conf).',
  'engine.setRefuseUserFrom.advice':
    'Ask a DBA to change the line “reject” of pg_hba.conf that this computer falls under.',
  'engine.letsUserOnlyClient': '{where} lets user “{user}” in only with a client certificate.',
  'engine.doesNotAcceptClientCertificate':
    '{where} does not accept the client certificate of this connection for user “{user}”.',
  'engine.enterClientCertificateKey':
    'Enter the client certificate and its key under TLS, as the DBA gave them to you.',
  'engine.checkCommonNameCertificate':
    'Check that the common name of the certificate is the user, and that the server knows the CA that issued it.',
  'engine.roleMayNotLog': 'The role “{user}” of {where} may not log in.',
  'engine.roleMayNotLog.advice': 'Ask a DBA to run: {loginSql}',
  'engine.noUser': '{where} has no user “{user}”.',
  'engine.noUser.advice':
    'Check the user. Poolers of clouds want the project in it, e.g. postgres.projectname.',
  'engine.reachedButRefusedUser': '{where} is reached, but it refused user “{user}”: {message}.',
  'engine.reachedButRefusedPassword': '{where} is reached, but it refused the password of user “{user}”.',
  'engine.wantsPasswordUserNone': '{where} wants a password of user “{user}”, and none is stored.',
  'engine.wantsPasswordUserNone.advice': 'Enter the password of this connection.',
  'engine.whatAnswersDoesNot':
    'What answers at {where} does not know the password of user “{user}”, though it says so.',
  'engine.whatAnswersDoesNot.advice':
    'Stop: it is not the server that this password is of. Check the host, and use TLS mode “verify-full”.',
  'engine.noDatabase': '{where} has no database “{database}”.',
  'engine.userMayNotDo': 'User “{user}” may not do this: {message}.',
  'engine.diskFull': 'The disk of {where} is full.',
  'engine.noFreeConnectionUser': '{where} has no free connection for user “{user}”.',
  'engine.noFreeConnectionUser.advice':
    'Try again when others have closed theirs, or ask a DBA to allow more (max_connections, CONNECTION LIMIT, max_client_conn of a pooler).',
  'engine.tookLongerThanStatement': '{where} took longer than this statement may.',
  'engine.connectionLost': 'The connection to {where} was lost.',
  'engine.stoppedAnswering2': '{where} stopped answering.',
  'engine.somethingWentWrongInside': 'Something went wrong inside Headgate while it worked with {where}.',
  'engine.databaseAnswered': 'The database answered: {replace}.',
  'engine.endedSessionIdleLonger':
    '{where} ended the session: it was idle for longer than it may be (idle_session_timeout).',
  'engine.endedSessionTransactionIdle':
    '{where} ended the session: a transaction was idle for longer than it may be (idle_in_transaction_session_timeout).',
  'engine.endedSessionTransactionTook':
    '{where} ended the session: a transaction took longer than it may (transaction_timeout).',
  'engine.databaseCanNotStore': 'The database “{database}” can not store a character of the data: {message}.',
  'engine.databaseCanNotStore.advice': 'Use a database in UTF-8. If this one is, send the message to us.',
  'engine.takesNoChangesStandby': '{where} takes no changes: it is a standby, or its sessions are read-only.',
  'engine.takesNoChangesStandby.advice':
    'Enter the address of the primary server. If this is the primary, ask a DBA to look at default_transaction_read_only.',
  'engine.wouldHideRowsFrom': '{where} would hide rows from user “{user}”: {message}.',
  'engine.wouldHideRowsFrom.advice':
    'Ask a DBA to take FORCE ROW LEVEL SECURITY off that table, so that its owner sees all of it.',
  'engine.noRoleLend': 'There is no role “{readerRole}” to lend.',
  'engine.userMayNotCreate': 'User “{user}” may not create roles.',
  'engine.userMayNotLend': 'User “{user}” may not lend the role “{readerRole}”.',
  'engine.keyNotOpenedPassphrase': 'The key for {user}@{hop} is not opened by its passphrase.',
  'engine.keyNotOpenedPassphrase.advice': 'Enter the passphrase of this key again.',
  'engine.keyEncryptedPassphraseMissing':
    'The key for {user}@{hop} is encrypted, and its passphrase is missing.',
  'engine.keyEncryptedPassphraseMissing.advice': 'Enter the passphrase of this key.',
  'engine.keyCanNotRead': 'The key for {user}@{hop} can not be read.',
  'engine.keyCanNotRead.advice': 'Choose the private key file again.',
  'engine.keyLivesSecurityToken':
    'The key for {user}@{hop} lives on a security token, which is not supported.',
  'engine.keyLivesSecurityToken.advice': 'Use another key, or a password.',
  'engine.keyCanNotReadNo': 'The key for {user}@{hop} can not be read: it is in no form that is known here.',
  'engine.keyCanNotReadNo.advice':
    'Choose the private key in OpenSSH or PEM form. A PuTTY key can be exported in OpenSSH form.',
  'engine.keyPublicKey': 'The key for {user}@{hop} is a public key.',
  'engine.keyPublicKey.advice': 'Choose the private half: the file without “.pub”.',
  'engine.sshAgentDoesNotAnswer': 'The SSH agent does not answer.',
  'engine.noSshAgentAnswers': 'No SSH agent answers on this computer.',
  'engine.keyClientCertificateSsh': 'The key of the client certificate is an SSH key, which TLS can not use.',
  'engine.keyClientCertificateSsh.advice': 'Enter the PEM key that belongs to the client certificate.',
  'engine.keyClientCertificateEncrypted':
    'The key of the client certificate is encrypted, and its passphrase is missing.',
  'engine.keyClientCertificateEncrypted.advice': 'Enter the passphrase of the key of the client certificate.',
  'engine.passphraseDoesNotOpen': 'The passphrase does not open the key of the client certificate.',
  'engine.passphraseDoesNotOpen.advice': 'Enter the passphrase of the key of the client certificate again.',
  'engine.keyClientCertificateCan': 'The key of the client certificate can not be read.',
  'engine.clientCertificateNoKey': 'The client certificate has no key.',
  'engine.clientCertificateNoKey.advice':
    'Enter the private key that belongs to the client certificate, or remove the certificate.',
  'engine.clientCertificateCanNot': 'The client certificate can not be read.',
  'engine.clientCertificateCanNot.advice': 'Enter the certificate in PEM form, with its chain below it.',
  'engine.keyDoesNotBelong': 'The key does not belong to the client certificate.',
  'engine.keyDoesNotBelong.advice': 'Enter the private key that was made with this certificate.',
  'engine.showedNoCertificate': '{where} showed no certificate.',
  'engine.showedNoCertificate.advice': 'Ask whoever runs the server to give it a certificate.',
  'engine.certificateExpiredValidFrom':
    'The certificate of {where} expired on {day}; it was valid from {day2}.',
  'engine.certificateExpiredValidFrom.advice':
    'Ask whoever runs the server to renew its certificate. If the date is not past, correct the clock of this computer.',
  'engine.certificateAboveIssuedExpired':
    'A certificate above that of {where}, which “{from}” issued, has expired.',
  'engine.certificateAboveIssuedExpired.advice':
    'Ask whoever runs the server for the renewed CA certificate, and enter it here.',
  'engine.certificateNotValidYet': 'The certificate of {where} is not valid yet: only from {day} to {day2}.',
  'engine.certificateNotValidYet.advice':
    'Check date and time of this computer. If they are right, ask whoever runs the server to correct its certificate.',
  'engine.certificateIssuedItselfNot':
    'The certificate of {where} was issued by itself (“{from}”), which is not the CA of this connection.',
  'engine.certificateIssuedItselfNo':
    'The certificate of {where} was issued by itself (“{from}”), which is no authority that this computer trusts.',
  'engine.compareSha256Fingerprint':
    'Compare its SHA-256 fingerprint with the administrator of the server; if it is {slice}…, enter this certificate as the CA.',
  'engine.certificateIssuedNotCa':
    'The certificate of {where} was issued by “{from}”, which is not the CA of this connection.',
  'engine.certificateIssuedNoAuthority':
    'The certificate of {where} was issued by “{from}”, which is no authority that this computer trusts.',
  'engine.enterCertificateCaConnection':
    'Enter the certificate of “{from}” as the CA of this connection, if your administrator confirms that it is the right one.',
  'engine.certificateIssuedDidNot': 'The certificate of {where}, issued by “{from}”, did not pass the check.',
  'engine.certificateIssuedDidNot.advice':
    'Ask whoever runs the server to look at its certificate and the chain above it.',
  'engine.certificateMadeNoName': 'The certificate of {where} is made for no name, not for “{host}”.',
  'engine.certificateMadeNot': 'The certificate of {where} is made for {list}, not for “{host}”.',
  'engine.chooseTlsModeVerify':
    'Choose TLS mode “verify-ca”, or ask for a certificate with the name of this host.',
  'engine.enterOneTheseNames':
    'Enter one of these names as the host. If none of them leads there, choose TLS mode “verify-ca”, or ask for a certificate with the name of this host.',
  'engine.offersOnlyVersionsTls': '{where} offers only versions of TLS older than 1.2.',
  'engine.offersOnlyVersionsTls.advice':
    'Ask whoever runs the server to allow TLS 1.2 (ssl_min_protocol_version).',
  'engine.letsNobodyWithoutClient': '{where} lets nobody in without a client certificate.',
  'engine.computerNoWayEncrypting': '{where} and this computer have no way of encrypting in common.',
  'engine.computerNoWayEncrypting.advice':
    'Ask whoever runs the server which ciphers it allows (ssl_ciphers).',
  'engine.tlsHandshakeFailed': 'The TLS handshake with {where} failed.',
  'engine.tlsHandshakeFailed.advice':
    'Try again. If it stays, check that nothing between here and the server takes TLS apart, and the log of the server.',
  'engine.clearTextUnencrypted':
    '{place} asks for the password as it is, and it is not certain who asks: the session is not encrypted.',
  'engine.clearTextUnchecked':
    '{place} asks for the password as it is, and it is not certain who asks: the certificate is not checked.',
  'engine.signIn.none':
    '{place} lets us in without asking for a password; this connection is set to sign in by {wanted} only.',
  'engine.signIn.cleartext':
    '{place} asks for the password as it is; this connection is set to sign in by {wanted} only.',
  'engine.signIn.md5':
    '{place} asks for the password by MD5; this connection is set to sign in by {wanted} only.',
  'engine.signIn.scram':
    '{place} offers no channel binding; this connection is set to sign in by {wanted} only.',
  'engine.lostAtOnce':
    'Try again. If it stays, the log of the server (or of a pooler before it) tells why it hung up.',
  'engine.noAgentAsked': 'No SSH agent is to be used to sign in to {where}.',
  'engine.noAgentAskedNoKey':
    'No SSH agent is to be used to sign in to {where}, and none of the usual keys is there ({keys} in ~/.ssh).',
  'engine.noAgentRuns': 'No SSH agent is running to sign in to {where}.',
  'engine.noAgentRunsNoKey':
    'No SSH agent is running to sign in to {where}, and none of the usual keys is there ({keys} in ~/.ssh).',
  'engine.databaseNoEncodingSql':
    'The database “{database}” has no encoding (SQL_ASCII): it would take text of any kind and mix it up.',
  'engine.databaseStoresTextNo':
    'The database “{database}” stores text as {encoding}, which has no place for the characters of many languages.',
  'engine.useDatabaseUtf8': 'Use a database in UTF-8. A DBA can make one: {sql}',
  'engine.userSuperuserMayDo':
    'User “{user}” is a superuser and may do anything on the server; a sync needs only CREATE on the database.',
  'engine.userSuperuserMayDo.advice':
    'Make a role for Headgate, give it a password with \\password in psql, and enter it here: {sql}',
  'engine.userMayNotLook': 'User “{user}” may not look into any schema.',
  'engine.userMayNotLook.advice': 'Ask a DBA to run: {sql}',
  'engine.serverReadOnlyReplica': 'The server is a read-only replica; nothing can be written there.',
  'engine.serverReadOnlyReplica.advice':
    'Enter the address of the primary server, or turn on “Read only” for this connection.',
  'engine.userMayNotCreateSchemas': 'User “{user}” may not create schemas in “{database}”.',
  'engine.rung.notReached': 'Not reached.',
  'engine.rung.withoutTls': 'The server let us in without TLS.',
  'engine.rung.lookedUpByHop': '“{host}” is looked up by the last jump host.',
  'engine.rung.hostTold': '“{host}” was told to be {address}.',
  'engine.rung.through1': 'Through {first}; the way to {to} is open.',
  'engine.rung.through2': 'Through {first}, then {second}; the way to {to} is open.',
  'engine.rung.through3': 'Through {first}, then {second}, then {third}; the way to {to} is open.',
  'engine.rung.socket': 'A socket of this computer.',
  'engine.rung.isAddress': '{host} is an address.',
  'engine.rung.toldToBe': '{host} was told to be {listed}.',
  'engine.rung.is': '{host} is {listed}.',
  'engine.rung.connected': 'Connected to {to}.',
  'engine.rung.noTls': 'The server does not offer TLS, so the session is not encrypted.',
  'engine.rung.tls': '{protocol} with {cipher}.',
  'engine.rung.tlsVerified':
    '{protocol} with {cipher}; its certificate is for “{host}” and was issued by who may.',
  'engine.rung.tlsIssued':
    '{protocol} with {cipher}; its certificate was issued by who may; its name was not checked.',
  'engine.rung.tlsUnchecked': '{protocol} with {cipher}; whose certificate it is was not checked.',
  'engine.fewFreeServer': 'Only {left} more connections are free for the server; a sync uses up to three.',
  'engine.fewFreeUser': 'Only {left} more connections are free for user “{user}”; a sync uses up to three.',
  'engine.fewFreeDatabase':
    'Only {left} more connections are free for the database “{database}”; a sync uses up to three.',
  'engine.sessionNotEncryptedWhoever':
    'The session with {host} is not encrypted: whoever is on the way can read and change it.',
  'engine.betweenLastJumpHost': 'Between the last jump host and {host} the session is not encrypted.',
  'engine.certificateServerExpiresDays': 'The certificate of the server expires on {day}, in {days} days.',
  'engine.noJumpHost': 'No jump host.',
  'engine.socketComputerNotEncrypted': 'A socket of this computer is not encrypted.',
  'engine.tlsModeDisableNot': 'TLS mode “disable”: not encrypted.',
  'engine.signed': 'Signed in as “{user}”.',
  'engine.signedByToken': 'Signed in by the token.',
  'engine.text': '“{database}” on {version}.',
  'engine.passwordUserStoredMd5':
    'The password of user “{user}” is stored as MD5, which is easy to guess from. Set it again once password_encryption is scram-sha-256.',
  'engine.serverAskedPasswordClear':
    'The server asked for the password in clear text, and it went there without TLS.',
  'engine.transactionPoolerAnswersEach':
    'A transaction pooler answers: each transaction may run on another session of the server. Syncs and reading work through it; LISTEN, SET beyond a transaction and session locks of other programs do not.',
  'engine.connectionReadingOnly': 'The connection is for reading only.',
  'engine.userSuperuserMayDoAnything':
    'User “{user}” is a superuser and may do anything on the server. A sync needs only CREATE on the database.',
  'engine.somebodyInsistedWroteDown': 'Somebody insisted on it, and wrote down why.',
  'engine.userSeesRowsRow': 'User “{user}” sees rows that row security hides from others (BYPASSRLS).',
  'engine.userMayCreateRoles': 'User “{user}” may create roles and change others (CREATEROLE).',
  'engine.userMayCreateDatabases': 'User “{user}” may create databases (CREATEDB).',
  'engine.userMayCopyWhole': 'User “{user}” may copy the whole server (REPLICATION).',
  'engine.userMayReachFiles':
    'User “{user}” may reach files or run programs on the server’s machine ({machine}).',
  'engine.sessionsUserReadOnly':
    'Sessions of user “{user}” are read-only by default (default_transaction_read_only). Syncs write all the same; to keep this user from writing, take CREATE on the database away.',
  'engine.sessionReplicationRoleUser':
    'session_replication_role is “{role}” for user “{user}”: foreign keys are not kept and triggers do not run in its sessions. A DBA can run: ALTER ROLE {ident} RESET session_replication_role;',
  'engine.postgresqlGetsNoMore':
    'PostgreSQL {version} gets no more fixes from its makers; {oldestVersion} and newer do.',
  'engine.mayLookIntoSchema': 'May look into the schema “{readable}”.',
  'engine.mayCreateSchemas': 'May create schemas in “{database}”.',
  'engine.loginsCanNotLeased':
    'Logins can not be leased: user “{user}” may not create roles. A DBA can run: ALTER ROLE {ident} CREATEROLE;',
  'engine.loginsCanNotLeasedNo':
    'Logins can not be leased: there is no role “{readerRole}”. A DBA can run: CREATE ROLE {reader} NOLOGIN;',
  'engine.loginsCanNotLeasedUser':
    'Logins can not be leased: user “{user}” may not lend the role “{readerRole}”. A DBA can run: GRANT {reader} TO {ident} WITH ADMIN OPTION;',
  'engine.madeSchemaTableWrote':
    'Made a schema and a table, wrote and read a row; all of it was rolled back.',
  'engine.sshTried.key': 'the key',
  'engine.sshTried.keys': 'every usual key (~/.ssh/id_…; no SSH agent was told)',
  'engine.sshTried.agentKey': 'the chosen key of the SSH agent',
  'engine.sshTried.agent': 'every key of the SSH agent',
  'engine.sshTried.password': 'the password',
  'engine.sshTakes': 'It takes: {methods}.',
  'engine.keyShown': '{type} key with the fingerprint {fingerprint}',
  'engine.hostAuthority':
    'known_hosts names an authority for it (@cert-authority); certificates of hosts are not supported, so its key has to be accepted itself.',
  'engine.hopWhy.name': 'it does not know that name',
  'engine.hopWhy.refused': 'nothing accepts connections there',
  'engine.hopWhy.unreached': 'it does not get there',
  'engine.jumpHostNotFound': 'The jump host “{host}” is not known.',
  'engine.hostNotFound': 'The host “{host}” is not known.',
  'engine.ownedBy': 'It is owned by “{owner}”.',
  'engine.ownedSchema': 'The schema “{name}” is owned by “{owner}”, not by the user of this connection.',
  'engine.ownedTable': 'The table “{name}” is owned by “{owner}”, not by the user of this connection.',
  'engine.odd.kind': 'is no plain table',
  'engine.odd.trigger': 'has a trigger',
  'engine.odd.rule': 'has a rule',
  'engine.odd.calls': 'calls a function of somebody',
} as const;
