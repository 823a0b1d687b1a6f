import { chooseDensity, densities, useDensity } from '../density.ts';
import { t } from '../i18n/index.ts';
import { RadioField } from './fields.tsx';

/** How close together rows and controls stand, as a setting. */
export function DensityField() {
  const density = useDensity();
  return (
    <RadioField
      legend={t('density.label')}
      value={density}
      onChange={chooseDensity}
      options={densities.map((value) => ({
        value,
        label: t(`density.${value}`),
        help: t(`density.${value}Help`),
      }))}
    />
  );
}
