/** Sentences of engine. */
export const engine = {
  'engine.askDbaRun': 'Ask a DBA to run: {fixSql}',
  'engine.stoppedAnswering': '{place} stopped answering.',
  'engine.userMayNotConnect': 'User “{user}” may not connect to the database “{database}”.',
  'engine.schemaExistsNotMade': 'The schema “{schema}” exists and was not made by Headgate.{owned}',
  'engine.schemaBelongsAnotherDataset': 'The schema “{schema}” belongs to another dataset of Headgate.',
  'engine.ownedNotUserConnection': 'The {what} is owned by “{owner}”, not by the user of this connection.',
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
  'engine.jumpHostShowsAnother': 'The jump host {where} shows another key than before: a {shown}.{authority}',
  'engine.jumpHostNotKnown': 'The jump host {where} is not known yet. It shows a {shown}.{authority}',
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
  'engine.jumpHostReachedBut':
    'The jump host {where} is reached, but it refused {what} of user “{user}”.{takes}',
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
  'engine.notKnown': '{who} “{host}” is not known.',
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
} as const;
