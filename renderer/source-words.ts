import type { SourceTypeInfo } from '../preload/contract/models.ts';
import { sentence } from './i18n/sentence.ts';

/**
 * What a kind of source says of its options and datasets, in the language of the window. A kind that no
 * catalogue knows, such as one that somebody added, says it in the words of its connector.
 */
export function inWords(info: SourceTypeInfo): SourceTypeInfo {
  const say = (what: string, otherwise: string): string =>
    sentence({ id: `source.${info.type}.${what}` }, otherwise);
  return {
    ...info,
    options: info.options.map((field) => ({
      ...field,
      label: say(`option.${field.name}`, field.label),
      help: say(`option.${field.name}.help`, field.help),
    })),
    datasets: info.datasets.map((dataset) => ({
      ...dataset,
      label: say(`dataset.${dataset.name}`, dataset.label),
      description: say(`dataset.${dataset.name}.help`, dataset.description),
    })),
  };
}

export const allInWords = (infos: readonly SourceTypeInfo[]): SourceTypeInfo[] => infos.map(inWords);
