/** The language that a question is in, so that whoever finds one hears it in that language. */
export const questionLanguages = `
ALTER TABLE dictionary_words ADD COLUMN lang TEXT;
`;
