/* What the window needs of the dictionary beside types; it stands here without zod, which stays out of the page. */

/** Kinds of data that need care: about a person, where somebody is or lives, of somebody's health. */
export const sensitivities = ['personal', 'location', 'health'] as const;
export type Sensitivity = (typeof sensitivities)[number];

/** In characters; a comment of a database is read in a list. */
export const longestDescription = 2000;

export const dictionaryFormats = ['markdown', 'json', 'dbt'] as const;
export type DictionaryFormat = (typeof dictionaryFormats)[number];
