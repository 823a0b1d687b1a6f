/** Kept schemas that go once what replaces them is there. */
export const replaced = `
ALTER TABLE kept_schemas ADD COLUMN replaced_by TEXT REFERENCES materialised_datasets (id) ON DELETE SET NULL;
`;
