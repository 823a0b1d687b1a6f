/** Sentences of network. */
export const network = {
  'network.caCertificate.advice':
    'Enter the CA certificate in PEM form, as the administrator of the server gives it out.',
  'network.holdsNoPemCertificate': 'holds no PEM certificate.',
  'network.holdsMoreThanCertificates': 'holds more than {mostCertificates} certificates.',
  'network.certificateCanNotRead': 'the certificate can not be read.',
  'network.certificateCanNotRead2': 'certificate {number} of {count} can not be read.',
  'network.proxyCanNotReached': 'The proxy {place} can not be reached ({detail}).',
  'network.proxyCanNotReached2': 'The proxy {place} can not be reached.',
  'network.proxyDidNotAnswer': 'The proxy {place} did not answer in time.',
  'network.proxyAsksUserPassword': 'The proxy {place} asks for a user and a password.',
  'network.proxyDoesNotAccept': 'The proxy {place} does not accept its user and password.',
  'network.proxyLetsPeopleOnly':
    'The proxy {place} lets people in by {detail} only, and Headgate knows Basic only.',
  'network.proxyLetsPeopleOnly.advice':
    'Ask whoever runs the proxy to allow Basic for this computer, or to let this source through without a sign-in.',
  'network.settingsComputerNameProxy':
    'The settings of this computer name a proxy of the kind {detail}, and Headgate knows HTTP proxies only.',
  'network.proxyDoesNotLet': 'The proxy {place} does not let requests through to {site} ({detail}).',
  'network.proxyCanNotReach': 'The proxy {place} can not reach {site} ({detail}).',
  'network.certificateExpired': 'The certificate of {site} has expired.',
  'network.certificateNotValidYet': 'The certificate of {site} is not valid yet.',
  'network.checkDateTimeComputer':
    'Check date and time of this computer. If they are right, ask whoever runs the server to renew its certificate.',
  'network.certificateAnswersMadeAnother': 'The certificate that answers at {site} is made for another name.',
  'network.certificateAnswersMadeAnother.advice':
    'Check the address of the source. A network that wants you to sign in first does this too: open a browser, then try again.',
  'network.certificateIssuedNobodyTrusted':
    'The certificate of {site} was issued by nobody that is trusted for this source ({code}).',
  'network.certificateDidNotPass': 'The certificate of {site} did not pass the check ({code}).',
  'network.whatAnswersInsteadDoes': 'What answers instead of {site} does not speak TLS.',
  'network.addressNotKnown': 'The address {site} is not known.',
  'network.canNotReachedCut': '{site} can not be reached or cut the connection ({code}).',
  'network.canNotReachedCutConnection': '{site} can not be reached or cut the connection.',
} as const;
