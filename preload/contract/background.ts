/** What Headgate does by itself that uses a secret, or changes something, as the log calls it. */
export const backgroundActions = [
  'background.sync',
  'background.health',
  'background.token',
  'background.share',
  'background.activity',
  'background.expire',
  'background.replaced',
  'background.lease',
  'background.rotation',
  'background.removed',
  'background.notify',
  'background.sample',
] as const;
export type BackgroundAction = (typeof backgroundActions)[number];
