/**
 * Who runs a job is a process that can be told from every other one, which gives signs of life; each time another one
 * takes the job its claim is a higher one. A wait says since when it is, so that one of a wrong clock shows.
 */
export const jobOwners = `
ALTER TABLE sync_jobs ADD COLUMN owner TEXT NOT NULL DEFAULT '{}' CHECK (json_type(owner) = 'object');
ALTER TABLE sync_jobs ADD COLUMN beat INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sync_jobs ADD COLUMN claim INTEGER NOT NULL DEFAULT 1 CHECK (claim >= 1);
ALTER TABLE sync_jobs ADD COLUMN waiting_since TEXT;
-- Of what ran before only the number is known: whether it still does is told by signs of life that don't come.
UPDATE sync_jobs SET owner = json_object('id', '', 'host', '', 'machine', '', 'boot', '', 'pid', pid, 'start', 0);
ALTER TABLE sync_jobs DROP COLUMN pid;
`;
