/** Sentences of odk. */
export const odk = {
  'odk.scope': 'Project',
  'odk.scope.noun': 'project',
  'odk.scope.help': 'The number in the address of the project at ODK Central: 7 in /projects/7.',
  'odk.user': 'E-mail address at ODK Central',
  'odk.user.help': 'A web user with the role Project Viewer, or another that may read submissions.',
  'odk.password': 'Password',
  'odk.password.help': 'It is exchanged for a session there; Headgate does so again whenever one has ended.',
  'odk.noProject': 'The source has no project.',
  'odk.noProject.advice': 'Open Sources, sign in and choose the project.',
  'odk.didNotSayWho': 'ODK Central did not say who signed in.',
  'odk.mayNotRead': 'This account may not read that at ODK Central.',
  'odk.mayNotRead.advice':
    'Ask a manager of the project to give the account the role Project Viewer, or another that may read submissions.',
  'odk.noSuchProject': 'ODK Central has no project {project}, or does not show it to this account.',
  'odk.noSuchProject.advice':
    'Choose the project again in Sources, or ask its manager to let this account in.',
  'odk.nothingAddress': 'No ODK Central answers at this address.',
  'odk.nothingAddress.advice':
    'Check the address of the source: it is the one that ODK Central has in the browser, such as https://central.example.org.',
  'odk.formGone':
    'ODK Central has no form {forms} in project {project} any more, or does not show it to this account.',
  'odk.formGone.advice': 'Take it out of the link, or ask a manager of the project whether it was deleted.',
  'odk.didNotAccept': 'ODK Central did not accept a request: {answer}',
  'odk.repeatsPage': 'ODK Central repeats the same page of {form} again and again.',
  'odk.keepsMoving': 'The submissions of {form} moved again and again while they were read.',
  'odk.keepsMoving.advice':
    'Refresh when fewer submissions are being deleted. A newer ODK Central hands out pages that stay in their place.',
  'odk.noMetadata': 'What ODK Central says of the fields of {form} names no submissions.',
} as const;
