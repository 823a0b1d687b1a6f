/** Sentences of commcare. */
export const commcare = {
  'commcare.commcareHqDoesNot':
    'CommCare HQ does not offer the cases of this project space through its newer interface: it shows none there, and has some.',
  'commcare.commcareHqDoesNot.advice':
    'Ask CommCare support to include the project space in the index for case search, or leave the cases out of the link until then.',
  'commcare.commcareHqCountsForms':
    'CommCare HQ counts {count} forms indexed at {since} but shows only {seen} of them.',
  'commcare.commcareHqDoesNotSay':
    'CommCare HQ does not say when many of its forms were indexed,{named} so they can’t be read page by page.',
  'commcare.commcareHqDoesNotSay.advice': 'Ask whoever runs the server to index its forms anew.',
  'commcare.sourceNoProjectSpace': 'The source has no project space.',
  'commcare.sourceNoProjectSpace.advice': 'Open Sources, sign in and choose the project space.',
  'commcare.commcareHqDidNot': 'CommCare HQ did not say who signed in.',
  'commcare.commcareHqNoDataset': 'CommCare HQ has no dataset “{dataset}”.',
  'commcare.commcareHqCountsBut': 'CommCare HQ counts {total} {noun} but shows only {seen} of them.',
  'commcare.commcareHqCountsBut.advice':
    'The list kept changing while it was read. Sync again when fewer people work on it.',
  'commcare.notDay': '“{day}” is not a day.',
  'commcare.notDay.advice': 'Write the day as year, month and day: 2026-01-31.',
  'commcare.planProjectSpaceDoes': 'The plan of the project space “{space}” does not include API access.',
  'commcare.planProjectSpaceDoes.advice':
    'Ask the owner of the project space about its CommCare subscription.',
  'commcare.commcareHqCutOff': 'CommCare HQ has cut off API access of “{space}” after too many requests.',
  'commcare.commcareHqCutOff.advice': 'Contact CommCare support to have it re-enabled.',
  'commcare.commcareHqAsksSecond': 'CommCare HQ asks for a second factor, which programs can’t give.',
  'commcare.commcareHqAsksSecond.advice':
    'Sign in with an API key or in the browser, or ask an administrator of “{space}”.',
  'commcare.commcareHqLockedAccount': 'CommCare HQ has locked this account after too many failed sign-ins.',
  'commcare.commcareHqLockedAccount.advice':
    'Wait an hour, or sign in to CommCare HQ in the browser; then try again.',
  'commcare.yourAccountNotAuthorised': 'Your account is not authorised for the project space “{space}”.',
  'commcare.yourRoleLacksPermission': 'Your role in “{space}” lacks a permission that this data needs.',
  'commcare.yourRoleLacksPermission.advice': 'Ask {role}.',
  'commcare.yourAccountNotMember':
    'Your account is not a member of the project space “{space}”, or lacks the permission to read its {data}.',
  'commcare.yourAccountNotMember.advice':
    'Sign in with an account that belongs to this project space, or ask {role}.',
  'commcare.commcareHqNothingAddress': 'CommCare HQ has nothing at this address.',
  'commcare.commcareHqNothingAddress.advice':
    'Check the address of the source; a server that is too old for Headgate answers so too.',
  'commcare.commcareHqKnowsNo': 'CommCare HQ knows no project space “{space}” that this account can read.',
  'commcare.commcareHqDidNotAccept': 'CommCare HQ did not accept the request: {answer}',
  'commcare.apiKeyLimitedAnother': 'This API key is limited to another project space than “{space}”.',
  'commcare.commcareHqRepeatsSame': 'CommCare HQ repeats the same page of cases again and again.',
  'commcare.commcareHqRepeatsSamePage': 'CommCare HQ repeats the same page of forms again and again.',
  'commcare.commcareHqRepeatsSamePageAgain': 'CommCare HQ repeats the same page of {noun} again and again.',
  'commcare.scope': 'Project space',
  'commcare.scope.noun': 'project space',
  'commcare.scope.help': 'The name in the address of your project: www.commcarehq.org/a/<project space>/',
  'commcare.keyUser': 'User name at CommCare HQ',
  'commcare.keyUser.help': 'The name that you sign in with there, usually an e-mail address.',
  'commcare.key': 'API key',
  'commcare.key.help': 'Made at CommCare HQ under “My Account Settings”, “API Keys”.',
  'commcare.data.forms': 'forms',
  'commcare.data.cases': 'cases',
  'commcare.data.mobileWorkers': 'mobile workers',
  'commcare.data.groups': 'groups',
  'commcare.data.webUsers': 'web users',
  'commcare.data.locations': 'locations',
  'commcare.data.locationTypes': 'location types',
  'commcare.data.applications': 'applications',
  'commcare.data.lookupTables': 'lookup tables',
  'commcare.data.any': 'data',
  'commcare.askAdministrator': 'an administrator of “{space}” to give your role {permissions}',
  'commcare.permissions.one': '“{first}”',
  'commcare.permissions.two': '“{first}” and “{second}”',
} as const;
