/** Sentences of desktop. */
export const desktop = {
  'desktop.headgateCouldNotStart': 'Headgate could not start.',
  'desktop.noWindowSecretCould': 'There is no window that the secret could be shown at.',
  'desktop.clipboardDidNotTake': 'The clipboard did not take the secret.',
  'desktop.noWindowCouldShown': 'There is no window that this could be shown at.',
  'desktop.headgateAsksOneThing':
    'Headgate asks one thing at a time, and nothing for a moment after it was closed.',
  'desktop.pageMayNotCall': 'This page may not call Headgate.',
  'desktop.pageMayNotCall.advice': '',
  'desktop.callNoValidId': 'The call has no valid id.',
  'desktop.tooManyCallsRunning': 'Too many calls are running at once.',
  'desktop.callFailedWayNobody': 'The call failed in a way nobody expected.',
  'desktop.onlyHttpsAddressesHttp': 'Only https addresses, and http ones of this computer, can be opened.',
  'desktop.doesNotAnswerNow': '{label} does not answer now.',
  'desktop.noKeyringFoundOnly': 'No keyring was found: only a key that is the same on every computer.',
  'desktop.couldNotSealKey': '{label} could not seal the key of the vault.',
  'desktop.canNotOpenKey': '{label} can not open the key of this vault.',
} as const;
