/** Sentences of the sample workspace. */
export const sample = {
  'sample.notInBuild': 'The sample workspace is not part of this build.',
  'sample.notInBuild.advice': 'Set up a database and a source of your own.',
  'sample.hqDidNotStart': 'The simulated CommCare HQ of the sample did not start.',
  'sample.hqDidNotStart.advice':
    'Another program may use its port. Try again, or leave the sample and start it anew.',
  'sample.notAnew': 'The database of the sample was there before.',
  'sample.notStarted': 'The sample workspace did not start.',
  'sample.inUse': 'The sample is used by a project of your own: {projects}.',
  'sample.inUse.advice': 'Give it another connection and another source first, or delete it.',
  'sample.needsBoth':
    'The sample needs the rights of a DBA and of a project admin: it makes a connection, a project and a source.',
  'sample.none': 'There is no sample workspace.',
} as const;
