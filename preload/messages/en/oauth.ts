/** Sentences of oauth. */
export const oauth = {
  'oauth.answersErrorOwn': '{host} has a problem of its own ({status}).',
  'oauth.sentAnswerHoldsNo': '{host} sent an answer that holds no sign-in.',
  'oauth.webPageCameBack': 'A web page came back instead of a sign-in from {host}.',
  'oauth.didNotRenewSign': '{host} did not renew the sign-in, but said {answered}.',
  'oauth.didNotRenewSign.advice':
    'Start the sync again later: the sign-in is kept. If it stays, check the address of the source, or whether something between here and there blocks it.',
  'oauth.answeredSign': '{host} answered the sign-in with {answered}.',
  'oauth.didNotRevokeSign': '{host} did not revoke the sign-in (status {status}).',
  'oauth.browserCameBackWithout': 'The browser came back without a code.',
  'oauth.youDidNotAllow': 'You did not allow Headgate to read from {host}.',
  'oauth.refusedRequestSourcesClient': '{host} refused the request of this source’s client ({error}).',
  'oauth.nobodyFinishedSignBrowser': 'Nobody finished the sign-in in the browser within three minutes.',
  'oauth.noPortComputerCould': 'No port of this computer could be opened for the answer of the browser.',
  'oauth.sharedSignDatabaseNot': 'The shared sign-in in the database is not taken: {why}.',
  'oauth.sharedSignDatabaseNotTaken':
    'The shared sign-in in the database is not taken: it was changed by somebody else.',
  'oauth.secretsSignNotVault': 'The secrets of this sign-in are not in the vault any more.',
  'oauth.anotherWorkspaceRenewsSign': 'Another workspace renews this sign-in, and does not come to an end.',
  'oauth.anotherWorkspaceRenewsSign.advice':
    'It is tried again by itself. If it stays so, look at the other computer.',
  'oauth.signNotSent': 'The sign-in as {account} is for {origin}; it is not sent to {wanted}.',
  'oauth.apiKeyNotAccepted': 'The API key of {account} is not accepted any more.',
  'oauth.apiKeyNotAccepted.advice':
    'Look at the source whether the key was deleted, is switched off, has run out or is limited to other IP addresses. Then open Sources and enter a new one.',
  'oauth.somebodyDisconnectedSignEverybody': 'Somebody disconnected the sign-in as {account} for everybody.',
  'oauth.signExpired': 'The sign-in as {account} has expired.',
  'oauth.signMayNotRead':
    'The sign-in as {account} may not read data any more: somebody took that away at the source.',
  'oauth.signNotAcceptedAny': 'The sign-in as {account} is not accepted any more.',
  'oauth.ended': '{host} ended the sign-in: {error}.',
  'oauth.endedUnknown': '{host} ended the sign-in: unknown reason.',
  'oauth.doesNotAcceptSign': '{host} does not accept this sign-in any more.',
  'oauth.saysSignTookToo': '{host} says the sign-in took too long or was used already.',
  'oauth.doesNotAcceptClient': '{host} does not accept the client secret of this source.',
  'oauth.doesNotKnowClient': '{host} does not know the client id of this source.',
  'oauth.clientSourceRegisteredConfidential':
    'At {host} the client of this source is registered as confidential: it has to prove itself with a secret.',
  'oauth.enterClientSecretSource': 'Enter the client secret of this source anew, or another way to send it.',
  'oauth.rowGone': 'its row is gone',
  'oauth.anotherServer': 'it is of another server',
  'oauth.olderThanOneBefore': 'it is older than one that was there before',
  'oauth.anotherWorkspaceWroteSame': 'another workspace wrote to it at the same moment',
  'oauth.sharedAnotherWaySince': 'it is shared in another way since',
  'oauth.enterClientSecretOrPublic':
    'Enter its client secret at the source, or have it registered as public.',
  'oauth.passwordNotAccepted': 'The password of {account} is not accepted any more.',
  'oauth.page.connected': 'Connected',
  'oauth.page.connectedText': 'You can close this tab and go back to Headgate.',
  'oauth.page.notConnected': 'Not connected',
  'oauth.page.notConnectedText': 'You can close this tab. Headgate says why.',
} as const;
