import { useId } from 'react';
import type { Wanted } from '../../../preload/contract/sql-text.ts';
import { t } from '../../i18n/index.ts';
import { type ParameterValues, signOf, valueFor } from './editor/parameters.ts';

/** Fields that are drawn; a statement with more of them was not written by hand. */
const mostFields = 100;

interface ParameterFieldsProps {
  readonly wanted: Wanted;
  readonly values: ParameterValues;
  /** Those without which it could not be run, just now. */
  readonly missing: readonly string[];
  readonly onChange: (values: ParameterValues) => void;
  readonly onRun: () => void;
}

/** A field for each place of the statement at the cursor; what is typed stays a value and never becomes SQL. */
export function ParameterFields({ wanted, values, missing, onChange, onRun }: ParameterFieldsProps) {
  const id = useId();
  if (wanted.kind === 'none') return null;
  return (
    <section className="query-parameters" aria-label={t('query.parameters')}>
      <p className="muted query-parameters-lead">{t('query.parametersLead')}</p>
      {wanted.kind === 'mixed' && <p className="field-error">{t('query.parametersMixed')}</p>}
      <ul>
        {wanted.names.slice(0, mostFields).map((name, at) => {
          const sign = signOf(wanted, name);
          const value = valueFor(values, name);
          const isMissing = missing.includes(name) && value === undefined;
          const isNull = value === null;
          return (
            <li key={name} className="query-parameter">
              <label className="code" htmlFor={`${id}-${at}`} translate="no">
                {sign}
              </label>
              <input
                id={`${id}-${at}`}
                type="text"
                className="input"
                autoComplete="off"
                spellCheck={false}
                data-parameter={name}
                disabled={isNull}
                value={value ?? ''}
                placeholder={t(
                  isNull
                    ? 'query.parameterNull'
                    : value === ''
                      ? 'query.parameterEmpty'
                      : 'query.parameterNone',
                )}
                aria-invalid={isMissing || undefined}
                aria-describedby={isMissing ? `${id}-${at}-missing` : undefined}
                onChange={(event) => onChange({ ...values, [name]: event.target.value })}
                onKeyDown={(event) => {
                  if (event.key === 'Enter') onRun();
                }}
              />
              <label className="query-parameter-null">
                <input
                  type="checkbox"
                  checked={isNull}
                  aria-label={t('query.parameterIsNull', { name: sign })}
                  onChange={(event) => {
                    const { [name]: _, ...others } = values;
                    onChange(event.target.checked ? { ...values, [name]: null } : others);
                  }}
                />
                NULL
              </label>
              {isMissing && (
                <p className="field-error" id={`${id}-${at}-missing`}>
                  {t('query.parameterMissing')}
                </p>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
