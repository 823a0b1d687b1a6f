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
  'owner.anotherHeadgateWorkspaceOpen': 'Another Headgate has this workspace open and does not answer.',
  'owner.headgateWorkspaceOpenDoes': 'The Headgate that has this workspace open does not answer.',
  'owner.headgateWorkspaceOpenEndedTalk': 'The Headgate that has this workspace open ended the talk.',
  'owner.whatAnswersWorkspaceNot': 'What answers for this workspace is not the Headgate that opened it.',
  'owner.headgateWorkspaceOpenEndedWhat':
    'The Headgate that had this workspace open has ended. What was published stays.',
} as const;
