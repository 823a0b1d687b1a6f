/** Sentences of owner. */
export const owner = {
  'owner.workspaceOpenHeadgateVersion':
    'The workspace is open in a Headgate of version {theirs}; this is {ours}.',
  'owner.workspaceOpenHeadgateVersion.advice': 'Use the same version for both, or close the other one.',
  'owner.headgateWorkspaceOpenEnded': 'The Headgate that had this workspace open has ended.',
  'owner.headgateCanNotListen': 'Headgate can not listen for its command line at {path}.',
  'owner.tooManyCallsRunning': 'Too many calls are running at once, or one has this id.',
  'owner.somethingWentWrongInside': 'Something went wrong inside Headgate.',
  'owner.whoeverAskedGone': 'Whoever asked for it has gone.',
} as const;
