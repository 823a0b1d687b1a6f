import { useId } from 'react';
import type {
  OptionChoices,
  OptionField,
  SourceTypeInfo,
  SyncConfig,
} from '../../../preload/contract/models.ts';
import type { CallState } from '../../answers.ts';
import { Button } from '../../components/button.tsx';
import { Note } from '../../components/error-notice.tsx';
import { CheckField, TextField } from '../../components/fields.tsx';
import { MultiChoice } from '../../components/multi-choice.tsx';
import { formatList } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { messageOf } from '../../i18n/sentence.ts';

export type OptionValues = SyncConfig['options'];

interface OptionFieldsProps {
  readonly type: SourceTypeInfo;
  readonly picked: readonly string[];
  readonly values: OptionValues;
  readonly onChange: (values: OptionValues) => void;
  /** Undefined where nobody is signed in whom the source would answer. */
  readonly choices: (CallState<OptionChoices> & { reload: () => void }) | undefined;
}

/** The options of a type that are about something that is synced. */
export function optionsFor(type: SourceTypeInfo | undefined, picked: readonly string[]): OptionField[] {
  return type?.options.filter((option) => option.datasets.some((name) => picked.includes(name))) ?? [];
}

/** Options as they are saved: what was left empty, or is about nothing that is synced, was not chosen. */
export function chosenOptions(
  type: SourceTypeInfo | undefined,
  picked: readonly string[],
  values: OptionValues,
): OptionValues {
  const kept: OptionValues = {};
  for (const { name } of optionsFor(type, picked)) {
    const value = values[name];
    if (value === undefined || value === false || (value !== true && value.length === 0)) continue;
    kept[name] = value;
  }
  return kept;
}

/** The options of the chosen datasets, together where they are about the same ones. */
export function OptionFields({ type, picked, values, onChange, choices }: OptionFieldsProps) {
  const options = optionsFor(type, picked);
  if (options.length === 0) return null;
  const labels = new Map(type.datasets.map(({ name, label }) => [name, label]));
  const about = ({ datasets }: OptionField): string[] =>
    datasets.filter((name) => picked.includes(name)).map((name) => labels.get(name) ?? name);
  // "All of the many" reads better than a list of every one of them.
  const title = (names: readonly string[]): string =>
    names.length > 3 ? t('links.optionsMany', { count: names.length }) : formatList(names);
  const grouped = Map.groupBy(options, (option) => title(about(option)));
  const offers = options.some(({ kind }) => kind === 'list');
  return (
    <>
      {[...grouped].map(([legend, members]) => (
        <fieldset className="options" key={legend}>
          <legend>{t('links.optionsOf', { datasets: legend })}</legend>
          {members.map((option) => (
            <OptionInput
              key={option.name}
              option={option}
              value={values[option.name]}
              choices={choices?.data?.[option.name] ?? []}
              onChange={(value) => onChange({ ...values, [option.name]: value })}
            />
          ))}
        </fieldset>
      ))}
      {offers && <ChoicesState choices={choices} />}
    </>
  );
}

/** Why there may be no list to choose from; typing is possible in any case. */
function ChoicesState({ choices }: Pick<OptionFieldsProps, 'choices'>) {
  if (choices?.data) return null;
  if (choices?.error) {
    return (
      <Note tone="warn">
        <p className="notice-title">{t('links.choicesFailed')}</p>
        <p>{messageOf(choices.error)}</p>
        <p>{t('links.choicesType')}</p>
        <p className="notice-foot">
          <Button small icon="sync" onClick={choices.reload}>
            {t('action.tryAgain')}
          </Button>
        </p>
      </Note>
    );
  }
  return (
    <p className="field-help" role="status">
      {choices ? t('links.choicesLoading') : t('links.choicesSignIn')}
    </p>
  );
}

interface OptionInputProps {
  readonly option: OptionField;
  readonly value: OptionValues[string] | undefined;
  readonly choices: OptionChoices[string];
  readonly onChange: (value: OptionValues[string]) => void;
}

function OptionInput({ option, value, choices, onChange }: OptionInputProps) {
  const list = useId();
  const { label, help, kind } = option;
  const text = typeof value === 'string' ? value : '';
  if (kind === 'flag') {
    return <CheckField label={label} help={help} checked={value === true} onChange={onChange} />;
  }
  if (kind === 'list') {
    const chosen = Array.isArray(value) ? value : [];
    return (
      <MultiChoice
        label={label}
        help={help}
        choices={choices}
        chosen={chosen}
        onChange={(next) => onChange([...next])}
      />
    );
  }
  if (kind === 'date') {
    return <TextField label={label} help={help} optional type="date" value={text} onChange={onChange} />;
  }
  return (
    <>
      <TextField
        label={label}
        help={help}
        optional
        translate="no"
        value={text}
        onChange={onChange}
        list={choices.length > 0 ? list : undefined}
      />
      {choices.length > 0 && (
        <datalist id={list}>
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </datalist>
      )}
    </>
  );
}
