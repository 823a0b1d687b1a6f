/** Sentences of bundle. */
export const bundle = {
  'bundle.moreThanCanImported': 'This is more than can be imported again in one piece.',
  'bundle.moreThanCanImported.advice': 'Choose fewer connections, and hand them over in several files.',
  'bundle.notSealedBundleCan': 'This is not a sealed bundle that can be read: {why}.',
  'bundle.notPublicKeyHeadgate': 'This is not a public key of Headgate, or of age.',
  'bundle.notPublicKeyAnything': 'This is not a public key that anything can be sealed to.',
  'bundle.passphraseAsksMoreLess': 'its passphrase asks for more, or less, than is sensible',
  'bundle.doesNotSayWhom': 'it does not say whom it is sealed for',
  'bundle.notJson': 'it is not JSON',
  'bundle.somethingElse': 'it is something else',
  'bundle.anotherVersionHeadgateMade': 'another version of Headgate made it',
  'bundle.contentNotComplete': 'its content is not complete',
  'bundle.tooLarge': 'it is too large',
  'bundle.bundleSealedPassphraseAnother':
    'This bundle was sealed with a passphrase, or for another Headgate; the fingerprint of this workspace is {mine}.',
  'bundle.bundleSealedPassphrase': 'This bundle was sealed with a passphrase.',
  'bundle.notPassphrase': '{sealedFor}, not with a passphrase.',
  'bundle.oneWorkspace': '{sealedFor}; the one of this workspace is {mine}.',
  'bundle.changedAfterSealed': 'it was changed after it was sealed',
  'bundle.notWholeNotWhat': 'it is not whole, or is not what age makes',
  'bundle.passphraseDoesNotOpen': 'The passphrase does not open this bundle, or the bundle was changed.',
} as const;
