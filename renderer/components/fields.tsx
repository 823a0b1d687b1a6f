import { type ComponentProps, type ReactNode, useId } from 'react';
import { t } from '../i18n/index.ts';
import { Icon } from './icons.tsx';

export interface FieldProps {
  readonly label: string;
  readonly help?: ReactNode;
  readonly error?: string | undefined;
  readonly optional?: boolean;
}

interface Urgency {
  /** The error is said at once: the field has the focus already, so that nobody would come to hear it. */
  readonly urgent?: boolean;
}

interface Wiring {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': true | undefined;
}

/** Label, control, what is wrong and what helps, wired together for those who hear them. */
export function Field({
  label,
  help,
  error,
  optional,
  urgent,
  children,
}: FieldProps & Urgency & { children: (wiring: Wiring) => ReactNode }) {
  const id = useId();
  const described = [help !== undefined && `${id}-help`, error !== undefined && `${id}-error`].filter(
    Boolean,
  );
  return (
    <div className="field">
      <div className="field-label">
        <label htmlFor={id}>{label}</label>
        {optional && <span className="field-optional">{t('field.optional')}</span>}
      </div>
      {children({
        id,
        'aria-describedby': described.length > 0 ? described.join(' ') : undefined,
        'aria-invalid': error === undefined ? undefined : true,
      })}
      {error !== undefined && (
        <p className="field-error" id={`${id}-error`} role={urgent ? 'alert' : undefined}>
          <Icon name="failed" size={14} />
          {error}
        </p>
      )}
      {help !== undefined && (
        <p className="field-help" id={`${id}-help`}>
          {help}
        </p>
      )}
    </div>
  );
}

type Controlled<E extends 'input' | 'textarea' | 'select'> = Omit<
  ComponentProps<E>,
  'value' | 'onChange' | 'className' | 'id'
> & {
  readonly value: string;
  readonly onChange: (value: string) => void;
};

export function TextField(props: FieldProps & Urgency & Controlled<'input'>) {
  const { label, help, error, optional, urgent, onChange, ...rest } = props;
  return (
    <Field label={label} help={help} error={error} optional={optional ?? false} urgent={urgent ?? false}>
      {(wiring) => (
        <input
          type="text"
          autoComplete="off"
          spellCheck={false}
          {...rest}
          {...wiring}
          className="input"
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

export function TextArea(props: FieldProps & Controlled<'textarea'>) {
  const { label, help, error, optional, onChange, ...rest } = props;
  return (
    <Field label={label} help={help} error={error} optional={optional ?? false}>
      {(wiring) => (
        <textarea
          rows={3}
          spellCheck={false}
          {...rest}
          {...wiring}
          className="input"
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

interface Option {
  readonly value: string;
  readonly label: string;
  /** The language of the label, where it is not that of the window. */
  readonly lang?: string;
}

/** The platform's own select: type-ahead, screen readers and zoom work as people know them. */
export function SelectField(
  props: FieldProps & Controlled<'select'> & { readonly options: readonly Option[] },
) {
  const { label, help, error, optional, onChange, options, ...rest } = props;
  return (
    <Field label={label} help={help} error={error} optional={optional ?? false}>
      {(wiring) => (
        <span className="select">
          <select {...rest} {...wiring} className="input" onChange={(event) => onChange(event.target.value)}>
            {options.map((option) => (
              <option key={option.value} value={option.value} lang={option.lang}>
                {option.label}
              </option>
            ))}
          </select>
          <Icon name="chevronDown" size={14} />
        </span>
      )}
    </Field>
  );
}

interface CheckProps {
  readonly label: string;
  readonly help?: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function CheckField({ label, help, checked, onChange }: CheckProps) {
  const id = useId();
  return (
    <div className="check">
      <input
        type="checkbox"
        id={id}
        checked={checked}
        aria-describedby={help === undefined ? undefined : `${id}-help`}
        onChange={(event) => onChange(event.target.checked)}
      />
      <div>
        <label htmlFor={id}>{label}</label>
        {help !== undefined && (
          <p className="field-help" id={`${id}-help`}>
            {help}
          </p>
        )}
      </div>
    </div>
  );
}

interface RadioOption<V extends string> {
  readonly value: V;
  readonly label: string;
  readonly help?: string;
}

interface RadioProps<V extends string> {
  readonly legend: string;
  readonly value: V;
  readonly options: readonly RadioOption<V>[];
  readonly onChange: (value: V) => void;
}

export function RadioField<V extends string>({ legend, value, options, onChange }: RadioProps<V>) {
  const id = useId();
  return (
    <fieldset className="group">
      <legend>{legend}</legend>
      {options.map((option) => (
        <div className="check" key={option.value}>
          <input
            type="radio"
            id={`${id}-${option.value}`}
            name={id}
            checked={option.value === value}
            aria-describedby={option.help === undefined ? undefined : `${id}-${option.value}-help`}
            onChange={() => onChange(option.value)}
          />
          <div>
            <label htmlFor={`${id}-${option.value}`}>{option.label}</label>
            {option.help !== undefined && (
              <p className="field-help" id={`${id}-${option.value}-help`}>
                {option.help}
              </p>
            )}
          </div>
        </div>
      ))}
    </fieldset>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function Switch({ label, checked, disabled, onChange }: SwitchProps) {
  return (
    <label className="switch">
      <input
        type="checkbox"
        role="switch"
        checked={checked}
        aria-checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>{label}</span>
    </label>
  );
}
