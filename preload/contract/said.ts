import { z } from 'zod';

/**
 * What fills a place in a sentence: data, never a piece of prose and never a secret. How it is written is decided where
 * the sentence is read:
 * - a string as it is, a number as people of the locale write numbers (a port or a status is a string),
 * - `instant`: instant in ISO 8601 and UTC,
 * - a list: `a, b, c`; `anyOf`: `a, b or c`; `quoted`: each in the language's quotation marks; `eitherQuoted`: both,
 * - `sentences`: one behind the other; `lines`: one below the other,
 * - another sentence, which stands in this one whole.
 */
export type Param =
  | string
  | number
  | Said
  | { readonly instant: string }
  | { readonly anyOf: readonly string[] }
  | { readonly eitherQuoted: readonly string[] }
  | { readonly quoted: readonly string[] }
  | { readonly sentences: readonly Said[] }
  | { readonly lines: readonly Said[] }
  | readonly (string | Said)[];

/** A sentence that is not written yet: which one of the catalogue, and what fills its places. */
export interface Said {
  /** E.g. `services.connectionIs`; `plain` is a text that came from elsewhere, such as a database. */
  readonly id: string;
  readonly params?: Readonly<Record<string, Param>> | undefined;
}

const listed = z.array(z.string());

/** How a {@link Said} is checked where it comes in. An id that this version does not know is no fault. */
export const said: z.ZodType<Said, Said> = z.lazy(() =>
  z.strictObject({ id: z.string().min(1).max(120), params: z.record(z.string(), param).optional() }),
);

const param: z.ZodType<Param, Param> = z.lazy(() =>
  z.union([
    z.string(),
    z.number(),
    z.array(z.union([z.string(), said])),
    z.strictObject({ instant: z.string() }),
    z.strictObject({ anyOf: listed }),
    z.strictObject({ eitherQuoted: listed }),
    z.strictObject({ quoted: listed }),
    z.strictObject({ sentences: z.array(said) }),
    z.strictObject({ lines: z.array(said) }),
    said,
  ]),
);

/** A text that is shown as it came: of a database, a server, another program, or a sentence kept by an older Headgate. */
export const plain = (text: string): Said => ({ id: 'plain', params: { text } });

/** The same sentence with each text in it changed by `change`, e.g. by what hides secrets. */
export function changeTexts({ id, params }: Said, change: (text: string) => string): Said {
  const changed = (value: Param): Param => {
    if (typeof value === 'string') return change(value);
    if (typeof value === 'number') return value;
    if ('instant' in value) return value;
    if ('eitherQuoted' in value) return { eitherQuoted: value.eitherQuoted.map(change) };
    if ('anyOf' in value) return { anyOf: value.anyOf.map(change) };
    if ('sentences' in value) return { sentences: value.sentences.map((each) => changeTexts(each, change)) };
    if ('lines' in value) return { lines: value.lines.map((each) => changeTexts(each, change)) };
    if ('quoted' in value) return { quoted: value.quoted.map(change) };
    if ('id' in value) return changeTexts(value, change);
    return value.map((item) => (typeof item === 'string' ? change(item) : changeTexts(item, change)));
  };
  if (params === undefined) return { id };
  return {
    id,
    params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, changed(value)])),
  };
}
