import { type KeyboardEvent, useId, useState } from 'react';
import { formatList } from '../format.ts';
import { t } from '../i18n/index.ts';
import { Button } from './button.tsx';
import { CheckField } from './fields.tsx';
import { Icon } from './icons.tsx';

/** So many are drawn at once; whoever looks for one among more types a part of its name. */
const drawn = 150;
/** From here on looking through the list needs a field to search it. */
const many = 8;

export interface Choice {
  readonly value: string;
  readonly label: string;
}

interface MultiChoiceProps {
  readonly label: string;
  readonly help: string;
  /** What the source offers; empty where it could not be asked, and then everything is typed. */
  readonly choices: readonly Choice[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
  /** Nothing that is not offered can be chosen, and nothing chosen means none. */
  readonly only?: boolean;
}

/** Several of many: by label from what is offered, or typed in. Nothing chosen means all, unless `only`. */
export function MultiChoice({ label, help, choices, chosen, onChange, only = false }: MultiChoiceProps) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const labelOf = new Map(choices.map((choice) => [choice.value, choice.label]));
  const own = chosen.filter((value) => !labelOf.has(value)).map((value) => ({ value, label: value }));
  const all = [...own, ...choices];
  const wanted = typed.trim();
  // There may be thousands, in many of these fields.
  const found = open ? all.filter((choice) => matches(choice, wanted)) : [];
  const exact = all.find(({ value, label: name }) => value === wanted || name === wanted);
  const set = (value: string, on: boolean) =>
    onChange(
      on ? [...chosen.filter((each) => each !== value), value] : chosen.filter((each) => each !== value),
    );
  const add = () => {
    const [first, ...others] = found;
    const meant = exact ?? (others.length === 0 ? first : undefined);
    if (wanted === '' || (only && !meant)) return;
    set(meant?.value ?? wanted, true);
    setTyped('');
  };
  const enter = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return;
    // Enter would submit the form around it.
    event.preventDefault();
    add();
  };
  const summary =
    chosen.length === 0
      ? t(only ? 'choice.nothing' : 'choice.all')
      : chosen.length <= 3
        ? formatList(chosen.map((value) => labelOf.get(value) ?? value))
        : t('choice.count', { count: chosen.length });
  return (
    <fieldset className="choice" aria-describedby={`${id}-help`}>
      <legend>{label}</legend>
      <button
        type="button"
        className="choice-toggle"
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-label={t('choice.toggle', { label, chosen: summary })}
        onClick={() => setOpen(!open)}
      >
        <span>{summary}</span>
        <Icon name={open ? 'chevronUp' : 'chevronDown'} size={14} />
      </button>
      <p className="field-help" id={`${id}-help`}>
        {help}
      </p>
      {open && (
        <div className="choice-open" id={`${id}-list`}>
          <div className="choice-add">
            <input
              className="input"
              type="text"
              value={typed}
              autoComplete="off"
              spellCheck={false}
              aria-label={t(all.length > many ? 'choice.findOf' : 'choice.addOf', { label })}
              placeholder={t(all.length > many ? 'choice.find' : 'choice.add')}
              onChange={(event) => setTyped(event.target.value)}
              onKeyDown={enter}
            />
            {!only && (
              <Button
                small
                icon="plus"
                blocked={wanted === '' ? t('choice.typeFirst') : undefined}
                onClick={add}
              >
                {t('action.add')}
              </Button>
            )}
          </div>
          <div className="choice-list">
            {found.slice(0, drawn).map(({ value, label: name }) => (
              <CheckField
                key={value}
                label={name}
                checked={chosen.includes(value)}
                onChange={(on) => set(value, on)}
              />
            ))}
          </div>
          {found.length > drawn && (
            <p className="field-help">{t('choice.more', { count: found.length - drawn })}</p>
          )}
          {all.length > 0 && found.length === 0 && (
            <p className="field-help" role="status">
              {t(only ? 'choice.noneOnly' : 'choice.none', { text: wanted })}
            </p>
          )}
          {chosen.length > 0 && (
            <div className="actions">
              <Button small tone="quiet" onClick={() => onChange([])}>
                {t(only ? 'choice.clearOnly' : 'choice.clear')}
              </Button>
            </div>
          )}
        </div>
      )}
    </fieldset>
  );
}

function matches({ value, label }: Choice, wanted: string): boolean {
  return `${label} ${value}`.toLocaleLowerCase().includes(wanted.toLocaleLowerCase());
}
