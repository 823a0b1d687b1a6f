/** What a link does about materialised views and about columns whose type can't change. */
export const publishingChoices = `
UPDATE project_data_sources SET sync_config = json_set(sync_config,
  '$.refreshViews', json('false'), '$.secondColumn', json('false'));
`;
