/** A source may have authorities of its own; those who can read the file may know them: they are public. */
export const network = `
-- PEM certificates. Null: those of the computer.
ALTER TABLE data_sources ADD COLUMN tls_ca TEXT CHECK (length(tls_ca) > 0);
`;
