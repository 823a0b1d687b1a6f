/** Of whom a project's sign-in is whose profile is gone: somebody else should take it over before the account is closed. */
export const handOver = `
ALTER TABLE credentials ADD COLUMN signer_left TEXT;
`;
