import type { DatasetSpec, OptionField, Options } from './connector.ts';

const name = 'keep_blanks';

/** The choice whether questions that were left blank are told apart from those that were not asked. */
export const blanksOption = (datasets: readonly string[]): OptionField => ({
  name,
  label: 'Keep blank answers apart',
  help: 'A question that was asked and left blank is an empty text instead of NULL, where its column is text, and is listed in the column “left_blank”. Without it, it is NULL like one that was not asked.',
  kind: 'flag',
  datasets,
});

/** Whether that was chosen for a dataset. */
export const keepsBlanks = ({ hasBlanks }: DatasetSpec, options: Options): boolean =>
  hasBlanks === true && options[name] === true;
