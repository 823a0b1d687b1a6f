/** Sentences of services. */
export const services = {
  'services.noWindowHereCould': 'There is no window here that could be closed.',
  'services.nobodySignedHere': 'Nobody is signed in here.',
  'services.notConfirmedMessageAsked': 'It was not confirmed in the message that asked for it.',
  'services.computerOfflineSoCan': 'This computer is offline, so {site} can not be reached.',
  'services.noOptionOptions': '{connector} has no option “{name}”. Options: {known}.',
  'services.passwordProxyNotVault': 'The password of the proxy is not in the vault.',
  'services.passwordProxyNotVault.advice': 'Enter it again under Settings, Proxy.',
  'services.option.flag': 'The option “{option}” must be true or false.',
  'services.option.list': 'The option “{option}” must be a list.',
  'services.option.date': 'The option “{option}” must be a day like 2026-01-31.',
  'services.option.text': 'The option “{option}” must be a text.',
} as const;
