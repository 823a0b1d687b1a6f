/** Sentences of told. */
export const told = {
  'told.place': '{source} in {project}',
  'told.aSource': 'A source',
  'told.waiting': '{count, plural, one {One dataset waits for it.} other {# datasets wait for it.}}',
  'told.failed': '{what} could not be refreshed',
  'told.failedText':
    'It was tried again and again. The old data stays. Open Runs to see why, and what to do.',
  'told.failedCode':
    'It was tried again and again ({code}). The old data stays. Open Runs to see why, and what to do.',
  'told.failedOver': '{what} is refreshed again',
  'told.held': '{what} waits for your review',
  'told.heldText': 'What was read looks wrong, so the old data stays. Open Runs to publish it or not.',
  'told.heldOver': '{what} was reviewed',
  'told.stale': '{what} is late',
  'told.staleText': 'Its data is older than twice its interval. Open Runs to see what keeps it.',
  'told.staleOver': '{what} is up to date again',
  'told.signInExpiring': 'The sign-in to {what} ends at {until}',
  'told.signInExpiringSoon': 'The sign-in to {what} ends soon',
  'told.signInExpiringText': 'It can not be renewed without you. Open Sources and choose Reconnect.',
  'told.signInExpiringOver': 'The sign-in to {what} was renewed',
  'told.signInExpired': 'Sign in to {what} again',
  'told.signInExpiredText': 'The sign-in is not accepted any more. Open Sources and choose Reconnect.',
  'told.signInExpiredOver': 'The sign-in to {what} works again',
  'told.signerLeft': 'Whoever signed in to {what} has left',
  'told.signerLeftText': 'It goes on until that account is closed. Open My credentials and choose Take over.',
  'told.signerLeftOver': 'The sign-in to {what} was taken over',
  'told.connectionDown': '{what} can not be reached',
  'told.connectionRefuses': '{what} refuses to let Headgate in',
  'told.connectionDownText': 'Open Connections to see why, and what to do.',
  'told.connectionDownOver': '{what} works again',
  'told.expiringData': 'Tables of {what} go at {until}',
  'told.expiringDataSoon': 'Tables of {what} go soon',
  'told.expiringDataText':
    'Nobody uses them. Look at them, or run a query, to keep them; else they come back when somebody asks for them.',
  'told.expiringDataOver': 'Tables of {what} are used, and stay',
  'told.off': '{what} was switched off, so nothing is the matter with it',
  'told.deleted': '{what} was removed, so nothing is the matter with it',
  'told.gone': 'Tables of {what} are gone',
  'told.goneText': 'They come back when somebody asks for them.',
  'told.many.connection_down.alarm':
    '{count, plural, one {# connections stopped answering} other {# connections stopped answering}}',
  'told.many.connectionsText':
    'They failed at the same time, so this computer may be offline. Nothing was changed.',
  'told.many.connection_down.recovery':
    '{count, plural, one {# connections work again} other {# connections work again}}',
  'told.many.failed.alarm':
    '{count, plural, one {# datasets could not be refreshed} other {# datasets could not be refreshed}}',
  'told.many.failed.recovery':
    '{count, plural, one {# datasets are refreshed again} other {# datasets are refreshed again}}',
  'told.many.held.alarm':
    '{count, plural, one {# refreshes wait for your review} other {# refreshes wait for your review}}',
  'told.many.held.recovery':
    '{count, plural, one {# refreshes were reviewed} other {# refreshes were reviewed}}',
  'told.many.stale.alarm': '{count, plural, one {# datasets are late} other {# datasets are late}}',
  'told.many.stale.recovery':
    '{count, plural, one {# datasets are up to date again} other {# datasets are up to date again}}',
  'told.many.sign_in_expiring.alarm':
    '{count, plural, one {# sign-ins end soon} other {# sign-ins end soon}}',
  'told.many.sign_in_expiring.recovery':
    '{count, plural, one {# sign-ins were renewed} other {# sign-ins were renewed}}',
  'told.many.sign_in_expired.alarm':
    '{count, plural, one {# sign-ins are not accepted any more} other {# sign-ins are not accepted any more}}',
  'told.many.sign_in_expired.recovery':
    '{count, plural, one {# sign-ins work again} other {# sign-ins work again}}',
  'told.many.signer_left.alarm':
    '{count, plural, one {# sign-ins are of people who have left} other {# sign-ins are of people who have left}}',
  'told.many.signer_left.recovery':
    '{count, plural, one {# sign-ins were taken over} other {# sign-ins were taken over}}',
  'told.many.expiring_data.alarm':
    '{count, plural, one {# datasets that nobody uses go soon} other {# datasets that nobody uses go soon}}',
  'told.many.expiring_data.recovery':
    '{count, plural, one {# datasets are not about to go any more} other {# datasets are not about to go any more}}',
  'told.andMore': '{first}, and {more} more',
  'told.subject': 'Headgate: {headline}',
  'told.test': 'This is a test of Headgate’s notifications',
  'told.testText': 'They reach you here.',
} as const;
