/** Sentences of bundle. */
export const bundle = {
  'bundle.moreThanCanImported': 'This is more than can be imported again in one piece.',
  'bundle.moreThanCanImported.advice': 'Choose fewer connections, and hand them over in several files.',
  'bundle.notSealedBundleCan': 'This is not a sealed bundle that can be read: {why}.',
  'bundle.notPublicKeyHeadgate': 'This is not a public key of Headgate, or of age.',
  'bundle.notPublicKeyAnything': 'This is not a public key that anything can be sealed to.',
} as const;
