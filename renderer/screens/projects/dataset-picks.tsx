import { useState } from 'react';
import type { DatasetChoice } from '../../../preload/contract/models.ts';
import { Button } from '../../components/button.tsx';
import { CheckField, TextField } from '../../components/fields.tsx';
import { Icon } from '../../components/icons.tsx';
import { t } from '../../i18n/index.ts';

/** From here on a list is too long to look through without a filter. */
const many = 15;
/** So many are drawn; more are found by typing. */
const drawn = 200;

interface DatasetPicksProps {
  readonly offered: readonly DatasetChoice[];
  readonly picked: readonly string[];
  readonly problem: string | undefined;
  readonly onChange: (picked: readonly string[]) => void;
}

/** What a link syncs, in the connector's order, with all and none at hand: most sources have up to twenty, a database thousands. */
export function DatasetPicks({ offered, picked, problem, onChange }: DatasetPicksProps) {
  const [filter, setFilter] = useState('');
  const isPicked = new Set(picked);
  const fitting = offered.filter((each) => fits(each, filter));
  const shown = fitting.slice(0, drawn);
  /** In the connector's order; what the filter hides stays as it is. */
  const change = (of: readonly DatasetChoice[], on: boolean) => {
    const names = new Set(of.map(({ name }) => name));
    onChange(offered.flatMap(({ name }) => ((names.has(name) ? on : isPicked.has(name)) ? [name] : [])));
  };
  return (
    <fieldset className="group" aria-invalid={problem === undefined ? undefined : true} tabIndex={-1}>
      <legend>{t('links.datasets')}</legend>
      {offered.length > many && (
        <TextField label={t('links.pickFilter')} type="search" value={filter} onChange={setFilter} />
      )}
      <div className="picks-head">
        <p className="field-help" role="status">
          {t('links.picked', { picked: picked.length, all: offered.length })}
        </p>
        <div className="actions">
          <Button small tone="quiet" onClick={() => change(fitting, true)}>
            {t('links.pickAll')}
          </Button>
          <Button small tone="quiet" onClick={() => change(fitting, false)}>
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
        {shown.map((each) => (
          <CheckField
            key={each.name}
            label={each.label}
            help={helpOf(each)}
            checked={isPicked.has(each.name)}
            onChange={(on) => change([each], on)}
          />
        ))}
      </div>
      {fitting.length > shown.length && (
        <p className="field-help">{t('links.pickMore', { count: fitting.length - shown.length })}</p>
      )}
      {fitting.length === 0 && offered.length > 0 && <p className="field-help">{t('links.pickNothing')}</p>}
    </fieldset>
  );
}

/** Whether every word is somewhere in what it is called and described as. */
function fits({ name, label, description }: DatasetChoice, words: string): boolean {
  const text = `${name} ${label} ${description}`.toLocaleLowerCase();
  return words
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** What it is, and how much of it there was when the source told. */
const helpOf = ({ description, total, rough }: DatasetChoice): string =>
  [
    total === null ? '' : t(rough ? 'links.datasetAbout' : 'links.datasetTotal', { count: total }),
    description,
  ]
    .filter((part) => part !== '')
    .join(' · ');
