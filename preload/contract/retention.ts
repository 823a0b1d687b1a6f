/** How much of something is kept unless somebody decides otherwise, and between which bounds they can. */
interface Rule {
  readonly usual: number;
  readonly least: number;
  readonly most: number;
}

/**
 * Everything in a workspace that grows by itself, and how much of it is kept. Whatever stands here, the newest of each stays:
 * the last jobs of a dataset, the last check and the last change of a connection. The activity log is not in it: nothing is
 * ever taken from that but by `audit.trim`.
 */
export const retentionRules = {
  /** Sync jobs that are over: days, and how many of one dataset. The newest 50 of each stay however old they are. */
  jobDays: { usual: 90, least: 7, most: 3650 },
  jobsPerDataset: { usual: 500, least: 50, most: 5000 },
  /** Checks of connections, each of which is a point in their history: days. */
  checkDays: { usual: 30, least: 1, most: 365 },
  /** What connections were before and became, up and down: days; never more than 1,000 of one connection. */
  healthChangeDays: { usual: 365, least: 7, most: 3650 },
  /** What changed in the tables of a dataset, a column or a table each: how many of one dataset. */
  structureChanges: { usual: 1000, least: 100, most: 5000 },
  /** Leased logins that have ended, and what was learnt about the limits of sources that are gone: days. */
  leaseDays: { usual: 30, least: 1, most: 365 },
  budgetDays: { usual: 30, least: 1, most: 365 },
  /** Queries that were asked, and that nobody named, pinned or shares: days. */
  queryDays: { usual: 90, least: 1, most: 3650 },
  /** Files of the program's log that are full: days. They are three of 5 MB at most in any case. */
  logDays: { usual: 90, least: 1, most: 365 },
} as const satisfies Readonly<Record<string, Rule>>;

/** Days that a deleted connection can be restored for. */
export const keptDeletedDays = 30;

export type RetentionName = keyof typeof retentionRules;
export const retentionNames = Object.keys(retentionRules) as RetentionName[];

/** How much is kept where nobody decided otherwise. */
export const usualRetention = Object.fromEntries(
  retentionNames.map((name) => [name, retentionRules[name].usual]),
) as Readonly<Record<RetentionName, number>>;
