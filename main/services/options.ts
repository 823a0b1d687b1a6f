import { say } from '../../preload/messages/said.ts';
import type { Connector, OptionField, Options } from '../connectors/connector.ts';
import { AppError } from '../errors.ts';

/** A day of the calendar, as date fields have it. */
const isDay = (text: string): boolean => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
};

const fits: Readonly<Record<OptionField['kind'], (value: Options[string]) => boolean>> = {
  flag: (value) => typeof value === 'boolean',
  list: (value) => Array.isArray(value),
  date: (value) => typeof value === 'string' && isDay(value),
  text: (value) => typeof value === 'string',
};
/** Refuses options that a connector does not have, and values that do not fit. Fails with INPUT_INVALID. */
export function checkOptions(connector: Connector, options: Options): void {
  for (const [name, value] of Object.entries(options)) {
    const field = connector.options.find((option) => option.name === name);
    if (!field) {
      const known = connector.options.map((option) => option.name).join(', ') || 'none';
      throw new AppError(
        'INPUT_INVALID',
        say('services.noOptionOptions', { connector: connector.title, name, known }),
      );
    }
    if (!fits[field.kind](value)) {
      throw new AppError('INPUT_INVALID', say(`services.option.${field.kind}`, { option: field.label }));
    }
  }
}
