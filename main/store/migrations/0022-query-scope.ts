/** What a DBA lets queries of a project read and call besides its own tables, as JSON; null for nothing more. */
export const queryScope = `
ALTER TABLE projects ADD COLUMN query_scope TEXT CHECK (json_type(query_scope) = 'object');
`;
