import type { SourceTypeInfo } from '../preload/contract/models.ts';
import { sentence } from './i18n/sentence.ts';

/**
 * What a kind of source says of itself, in the language of the window: its settings, options and datasets. A kind that no
 * catalogue knows, such as one that somebody added, says it in the words of its connector.
 */
export function inWords(info: SourceTypeInfo): SourceTypeInfo {
  const say = (what: string, otherwise: string): string =>
    sentence({ id: `source.${info.type}.${what}` }, otherwise);
  const named = <T extends { readonly name: string; readonly label: string; readonly help: string }>(
    kind: 'setting' | 'option',
    field: T,
  ): T => ({
    ...field,
    label: say(`${kind}.${field.name}`, field.label),
    help: say(`${kind}.${field.name}.help`, field.help),
  });
  return {
    ...info,
    apiKeys: info.apiKeys && {
      userLabel: say('apiKey.user', info.apiKeys.userLabel),
      help: say('apiKey.help', info.apiKeys.help),
    },
    settings: info.settings.map((field) => named('setting', field)),
    options: info.options.map((field) => named('option', field)),
    datasets: info.datasets.map((dataset) => ({
      ...dataset,
      label: say(`dataset.${dataset.name}`, dataset.label),
      description: say(`dataset.${dataset.name}.help`, dataset.description),
    })),
  };
}

export const allInWords = (infos: readonly SourceTypeInfo[]): SourceTypeInfo[] => infos.map(inWords);
