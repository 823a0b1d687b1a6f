import { useState } from 'react';
import type { WireError } from '../../preload/contract/errors.ts';
import { t } from '../i18n/index.ts';
import { type Language, type LanguageChoice, languageNames, languages } from '../i18n/languages.ts';
import { useLanguage } from '../language.tsx';
import { ErrorNotice } from './error-notice.tsx';
import { SelectField } from './fields.tsx';

/** A choice of languages, and what the host said to the last one. */
function useChoice() {
  const { choice, language, choose } = useLanguage();
  const [error, setError] = useState<WireError>();
  // What was picked is marked at once, also while the language is still being fetched.
  const [picked, setPicked] = useState<LanguageChoice | null>(null);
  const pick = (next: LanguageChoice): void => {
    setError(undefined);
    setPicked(next);
    void choose(next).then((refused) => {
      setError(refused);
      setPicked(null);
    });
  };
  return {
    choice: picked ?? choice,
    language: picked ?? language,
    pick,
    notice: error && <ErrorNotice error={error} urgent />,
  };
}

/** Every language by its own name: whoever can't read this page finds theirs on it. For the door. */
export function LanguageBar() {
  const { language, pick, notice } = useChoice();
  return (
    <>
      <fieldset className="language-bar">
        <legend className="visually-hidden">{t('language.label')}</legend>
        {languages.map((each) => (
          <label key={each} lang={each}>
            <input type="radio" name="language" checked={each === language} onChange={() => pick(each)} />
            <span>{languageNames[each]}</span>
          </label>
        ))}
      </fieldset>
      {notice}
    </>
  );
}

/** The same as one small field, where there is room for no more. */
export function LanguageSelect() {
  const { language, pick, notice } = useChoice();
  return (
    <>
      <label>
        <span className="visually-hidden">{t('language.label')}</span>
        <select
          className="input"
          value={language}
          onChange={({ target }) => pick(languages.find((each) => each === target.value) ?? 'en')}
        >
          {languages.map((each) => (
            <option key={each} value={each} lang={each}>
              {languageNames[each]}
            </option>
          ))}
        </select>
      </label>
      {notice}
    </>
  );
}

/** A language of something that is read elsewhere than in this window. */
export function LanguageOf(props: {
  readonly label: string;
  readonly help: string;
  readonly value: Language;
  readonly onChange: (language: Language) => void;
}) {
  const { label, help, value, onChange } = props;
  return (
    <SelectField
      label={label}
      help={help}
      value={value}
      options={languages.map((each) => ({ value: each, label: languageNames[each], lang: each }))}
      onChange={(next) => onChange(languages.find((each) => each === next) ?? 'en')}
    />
  );
}

/** The same as a setting, with what the system speaks as one more. */
export function LanguageField() {
  const { choice, pick, notice } = useChoice();
  const named = languages.map((each) => ({ value: each, label: languageNames[each], lang: each }));
  return (
    <>
      <fieldset className="group">
        <legend>{t('language.label')}</legend>
        {[{ value: 'system' as const, label: t('language.system'), lang: undefined }, ...named].map(
          ({ value, label, lang }) => (
            <label className="check" key={value}>
              <input
                type="radio"
                name="language-setting"
                checked={value === choice}
                onChange={() => pick(value)}
              />
              <span lang={lang}>{label}</span>
            </label>
          ),
        )}
      </fieldset>
      {notice}
    </>
  );
}
