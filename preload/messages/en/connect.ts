/** Sentences of connect. */
export const connect = {
  'connect.commcareConnectDidNot': 'CommCare Connect did not say who signed in.',
  'connect.commcareConnectKnowsNo':
    'CommCare Connect knows no organisation “{slug}” that this account can read.',
  'connect.commcareConnectKnowsNo.advice':
    'Check the organisation in the settings of the source, or leave it empty to read all.',
  'connect.commcareConnectShowsAccount': 'CommCare Connect shows this account no opportunity {missing}.',
  'connect.commcareConnectShowsAccount.advice':
    'Choose the opportunities of the link anew, or ask for access to the missing ones.',
  'connect.commcareConnectNoDataset': 'CommCare Connect has no dataset “{dataset}”.',
  'connect.signMayNotExport':
    'This sign-in may not export data from CommCare Connect: it lacks the scope “export”.',
  'connect.signMayNotExport.advice':
    'Sign in again and allow the export; if that is not offered, ask whoever registered the client.',
  'connect.accountMayNotRead': 'This account may not read the LLO entities of CommCare Connect.',
  'connect.accountMayNotRead.advice':
    'Leave this dataset out of the link; the list is shown to staff of Dimagi.',
  'connect.commcareConnectNothingAddress': 'CommCare Connect has nothing at this address.',
  'connect.commcareConnectNothingAddress.advice': 'Check the address of the source.',
  'connect.commcareConnectShowsAccountNo':
    'CommCare Connect shows this account no opportunity {opportunity}.',
  'connect.commcareConnectShowsAccountNo.advice':
    'Ask for membership in its organisation, or leave it out of the link.',
  'connect.serverCommcareConnectDoes':
    'This server of CommCare Connect does not know version 2.0 of the export that Headgate reads.',
  'connect.serverCommcareConnectDoes.advice':
    'Leave this dataset out of the link until the server is updated.',
  'connect.commcareConnectDidNotAccept': 'CommCare Connect did not accept the request: {answer}',
  'connect.commcareConnectSentPage':
    'CommCare Connect sent a page of {what} that does not go on where the one before it ended.',
  'connect.commcareConnectSentRows':
    'CommCare Connect sent rows of opportunity {said} where those of {opportunity} were asked for.',
  'connect.organization': 'Organisation',
  'connect.organization.noun': 'organisation',
  'connect.organization.help':
    'The name in the address of your organisation: connect.dimagi.com/a/<organisation>/. Empty for all.',
} as const;
