/** Sentences of dictionary. */
export const dictionary = {
  'dictionary.title': 'Dictionary',
  'dictionary.schema': 'Schema {schema}.',
  'dictionary.schemaUpTo': 'Schema {schema}, complete up to {at}.',
  'dictionary.described': 'Described: {described} of {columns} columns ({share}).',
  'dictionary.sensitive': 'Sensitive: {tags}',
  'dictionary.rows': '{source}, {rows} rows',
  'dictionary.head.column': 'Column',
  'dictionary.head.type': 'Type',
  'dictionary.head.meaning': 'Meaning',
  'dictionary.head.sensitive': 'Sensitive',
  'dictionary.head.path': 'Path in the source',
  'dictionary.sourceFor': '{source}, for {project}',
  'dictionary.tag.personal': 'personal',
  'dictionary.tag.location': 'location',
  'dictionary.tag.health': 'health',
} as const;
