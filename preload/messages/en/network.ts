/** Sentences of network. */
export const network = {
  'network.caCertificate': '{why}',
  'network.text.advice':
    'Enter the CA certificate in PEM form, as the administrator of the server gives it out.',
} as const;
