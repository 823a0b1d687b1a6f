/** Why a superuser is the user of a connection that syncs write with; empty while nobody insists on it. */
export const superuserReason = `
ALTER TABLE database_connections ADD COLUMN superuser_reason TEXT NOT NULL DEFAULT '';
`;
