import { t } from '../i18n/index.ts';
import { themes, useTheme } from '../theme.tsx';
import { Icon } from './icons.tsx';

const icons = { system: 'monitor', light: 'sun', dark: 'moon' } as const;

/** System, light or dark; three radio buttons drawn as one control. */
export function ThemeChoice() {
  const [theme, choose] = useTheme();
  return (
    <fieldset className="theme-choice">
      <legend className="visually-hidden">{t('theme.label')}</legend>
      {themes.map((each) => (
        <label key={each} title={t(`theme.${each}`)}>
          <input type="radio" name="theme" checked={each === theme} onChange={() => choose(each)} />
          <Icon name={icons[each]} size={14} />
          <span className="visually-hidden">{t(`theme.${each}`)}</span>
        </label>
      ))}
    </fieldset>
  );
}
