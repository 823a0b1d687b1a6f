/** Sentences of services. */
export const services = {
  'services.noWindowHereCould': 'There is no window here that could be closed.',
  'services.nobodySignedHere': 'Nobody is signed in here.',
  'services.notConfirmedMessageAsked': 'It was not confirmed in the message that asked for it.',
  'services.computerOfflineSoCan': 'This computer is offline, so {site} can not be reached.',
  'services.noOptionOptions': '{connector} has no option “{name}”. Options: {known}.',
  'services.passwordProxyNotVault': 'The password of the proxy is not in the vault.',
  'services.passwordProxyNotVault.advice': 'Enter it again under Settings, Proxy.',
} as const;
