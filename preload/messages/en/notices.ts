/** Sentences of notices. */
export const notices = {
  'notices.mailGoesOverTls': 'Mail goes to {host} over TLS only.',
  'notices.notKnown': '{bare} is not known.',
  'notices.notVault': '{what} is not in the vault.',
  'notices.notVault.advice': 'Enter it again under Settings, Notifications.',
  'notices.noServerMailEntered': 'No server for mail was entered.',
  'notices.nobodySaidWhereTheir': 'Nobody said where their mail goes.',
  'notices.youEnteredNoE': 'You have entered no e-mail address of yours.',
  'notices.youEnteredNoE.advice': 'Enter it under Settings, Notifications, then send the test again.',
  'notices.mustNotEmptyWhere': 'must not be empty where something is sent by mail',
  'notices.enteredTogetherAddress': 'is entered together with the address that it is for',
  'notices.mustNotEmpty': 'must not be empty',
  'notices.enterAddressAgainStored': 'enter the address again; the stored one stays as it was.',
  'notices.mustNotEmptyWherePassword': 'must not be empty where there is a password',
  'notices.enterAgainStoredOne': 'enter it again; the stored one is not sent to another server.',
} as const;
