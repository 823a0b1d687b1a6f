import type { DatasetChoice } from '../../../preload/contract/models.ts';
import { Button } from '../../components/button.tsx';
import { CheckField } from '../../components/fields.tsx';
import { Icon } from '../../components/icons.tsx';
import { t } from '../../i18n/index.ts';

interface DatasetPicksProps {
  readonly offered: readonly DatasetChoice[];
  readonly picked: readonly string[];
  readonly problem: string | undefined;
  readonly onChange: (picked: readonly string[]) => void;
}

/** What a link syncs, in the connector's order, with all and none at hand: most sources have up to twenty. */
export function DatasetPicks({ offered, picked, problem, onChange }: DatasetPicksProps) {
  const all = offered.map(({ name }) => name);
  const toggle = (name: string, on: boolean) =>
    onChange(all.filter((each) => (each === name ? on : picked.includes(each))));
  return (
    <fieldset className="group" aria-invalid={problem === undefined ? undefined : true} tabIndex={-1}>
      <legend>{t('links.datasets')}</legend>
      <div className="picks-head">
        <p className="field-help" role="status">
          {t('links.picked', { picked: picked.length, all: all.length })}
        </p>
        <div className="actions">
          <Button small tone="quiet" onClick={() => onChange(all)}>
            {t('links.pickAll')}
          </Button>
          <Button small tone="quiet" onClick={() => onChange([])}>
            {t('links.pickNone')}
          </Button>
        </div>
      </div>
      {problem !== undefined && (
        <p className="field-error">
          <Icon name="failed" size={14} />
          {problem}
        </p>
      )}
      <div className="picks">
        {offered.map((each) => (
          <CheckField
            key={each.name}
            label={each.label}
            help={helpOf(each)}
            checked={picked.includes(each.name)}
            onChange={(on) => toggle(each.name, on)}
          />
        ))}
      </div>
    </fieldset>
  );
}

/** What it is, and how much of it there was when the source told. */
const helpOf = ({ description, total }: DatasetChoice): string =>
  [total === null ? '' : t('links.datasetTotal', { count: total }), description]
    .filter((part) => part !== '')
    .join(' · ');
