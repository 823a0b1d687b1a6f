import { z } from 'zod';
import type { Method } from '../method.ts';
import {
  dictionaryExport,
  dictionaryFormats,
  dictionaryHits,
  id,
  noteAnswer,
  noteChange,
} from '../models.ts';

/** What people say about the data, and how it is found and handed on. */
export const dictionaryMethods = {
  /** Sets or takes away what people say of a table or a column, and writes it as its comment in the database. */
  'dictionary.describe': {
    permission: 'describe_data',
    changes: true,
    input: noteChange,
    output: noteAnswer,
  },
  /**
   * Looks through the texts of questions, descriptions, names and paths of every dataset that whoever asks may see. All words
   * have to be there; each may be the beginning of one.
   */
  'dictionary.search': {
    permission: 'read_data',
    changes: false,
    input: z.strictObject({
      text: z.string().trim().min(1).max(200),
      projectId: id.optional(),
      limit: z.int().min(1).max(200).default(50),
    }),
    output: dictionaryHits,
  },
  /** The dictionary of a project, or of one of its datasets. With `save` it is saved where the person says. */
  'dictionary.export': {
    permission: 'read_data',
    changes: false,
    input: z.strictObject({
      projectId: id,
      datasetId: id.optional(),
      format: z.enum(dictionaryFormats),
      save: z.boolean().default(false),
    }),
    output: dictionaryExport,
  },
} as const satisfies Record<string, Method>;
