import { useState } from 'react';
import type { RowFilter } from '../../../preload/contract/models.ts';
import { isNumeric } from '../../../preload/contract/query-values.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { Box } from '../../components/dialogs.tsx';
import { SelectField, TextArea, TextField } from '../../components/fields.tsx';
import { calendarDayOf } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { isMoment, type ShownColumn } from './columns.ts';

const kinds = ['contains', 'equals', 'oneOf', 'range', 'empty', 'filled'] as const;
type Kind = (typeof kinds)[number];

const nameOf = (column: ShownColumn | undefined, name: string): string => column?.title ?? name;

/** A condition in words. */
export function filterText(filter: RowFilter, columns: readonly ShownColumn[]): string {
  const column = nameOf(
    columns.find(({ name }) => name === filter.column),
    filter.column,
  );
  switch (filter.kind) {
    case 'equals':
      return t('browse.is.equals', { column, value: filter.value });
    case 'contains':
      return t('browse.is.contains', { column, value: filter.text });
    case 'oneOf':
      return t('browse.is.oneOf', { column, value: filter.values.join(', ') });
    case 'empty':
    case 'filled':
      return t(`browse.is.${filter.kind}`, { column });
    case 'range':
      if (filter.from === null) return t('browse.is.to', { column, to: shownEnd(filter.to ?? '') });
      if (filter.to === null) return t('browse.is.from', { column, from: shownEnd(filter.from) });
      return t('browse.is.range', { column, from: shownEnd(filter.from), to: shownEnd(filter.to) });
  }
}

/** The day of a moment as it was typed: its own, on the reader's clock. */
function shownEnd(end: string): string {
  if (!/T.*Z$/.test(end)) return end;
  return calendarDayOf(new Date(end));
}

interface ChipsProps {
  readonly filters: readonly RowFilter[];
  readonly columns: readonly ShownColumn[];
  readonly onEdit: (at: number) => void;
  readonly onRemove: (at: number, button: Element) => void;
}

/** What narrows the rows, each to be changed or taken away. */
export function FilterChips({ filters, columns, onEdit, onRemove }: ChipsProps) {
  if (filters.length === 0) return null;
  return (
    <ul className="data-filters" aria-label={t('browse.filters')}>
      {filters.map((filter, at) => {
        const text = filterText(filter, columns);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: two filters may say the same
          <li key={at} className="data-chip">
            <button type="button" onClick={() => onEdit(at)}>
              {text}
            </button>
            <IconButton
              icon="close"
              label={t('browse.removeFilter', { filter: text })}
              onClick={({ currentTarget }) => onRemove(at, currentTarget)}
            />
          </li>
        );
      })}
    </ul>
  );
}

/** The kinds of condition that a type has; the most likely one first. */
function kindsOf(type: string): readonly Kind[] {
  if (isMoment(type)) return ['range', 'empty', 'filled'];
  if (type === 'date' || isNumeric(type)) return ['range', 'equals', 'oneOf', 'empty', 'filled'];
  if (type === 'boolean') return ['equals', 'empty', 'filled'];
  return kinds;
}

/** A day as the reader means it, from its first to its last moment; as it is where the column has no zone. */
function endOf(text: string, type: string, last: boolean): string | null {
  const typed = text.trim();
  if (typed === '') return null;
  if (!isMoment(type) || !/^\d{4}-\d{2}-\d{2}$/.test(typed)) return typed;
  if (type.includes('without')) return last ? `${typed} 23:59:59.999999` : typed;
  const date = new Date(`${typed}T${last ? '23:59:59.999' : '00:00:00'}`);
  return Number.isNaN(date.getTime()) ? typed : date.toISOString().replace('.999Z', '.999999Z');
}

interface BoxProps {
  readonly columns: readonly ShownColumn[];
  readonly start: RowFilter | { readonly column: string };
  readonly onClose: () => void;
  readonly onDone: (filter: RowFilter) => void;
}

/** Asks for one condition: which column, what about it. */
export function FilterBox({ columns, start, onClose, onDone }: BoxProps) {
  const [column, setColumn] = useState(start.column || (columns[0]?.name ?? ''));
  const type = columns.find(({ name }) => name === column)?.type ?? 'text';
  const possible = kindsOf(type);
  const [chosen, setKind] = useState<Kind | null>('kind' in start ? start.kind : null);
  const kind = chosen !== null && possible.includes(chosen) ? chosen : (possible[0] ?? 'contains');
  const [value, setValue] = useState(() => {
    if (!('kind' in start)) return '';
    if (start.kind === 'equals') return start.value;
    if (start.kind === 'contains') return start.text;
    return start.kind === 'oneOf' ? start.values.join('\n') : '';
  });
  const [from, setFrom] = useState(
    'kind' in start && start.kind === 'range' ? shownEnd(start.from ?? '') : '',
  );
  const [to, setTo] = useState('kind' in start && start.kind === 'range' ? shownEnd(start.to ?? '') : '');
  const [tried, setTried] = useState(false);
  const isDay = isMoment(type) || type === 'date';
  const made = (): RowFilter | null => {
    switch (kind) {
      case 'empty':
      case 'filled':
        return { column, kind };
      case 'contains':
        return value === '' ? null : { column, kind, text: value };
      case 'equals':
        return { column, kind, value: type === 'boolean' ? value || 'true' : value };
      case 'oneOf': {
        const values = value.split('\n').filter((line) => line !== '');
        return values.length === 0 ? null : { column, kind, values };
      }
      case 'range': {
        const ends = { from: endOf(from, type, false), to: endOf(to, type, true) };
        return ends.from === null && ends.to === null ? null : { column, kind, ...ends };
      }
    }
  };
  const done = (): void => {
    const filter = made();
    setTried(true);
    if (filter) onDone(filter);
  };
  const missing = tried && made() === null ? t('browse.enterSomething') : undefined;
  return (
    <Box
      open
      title={t('browse.filterTitle')}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button tone="primary" onClick={done}>
            {t('browse.filterDo')}
          </Button>
        </>
      }
    >
      <form
        className="data-filter"
        onSubmit={(event) => {
          event.preventDefault();
          done();
        }}
      >
        <SelectField
          label={t('data.column')}
          value={column}
          onChange={setColumn}
          options={columns.map(({ name, title }) => ({
            value: name,
            label: title === null ? name : `${title} (${name})`,
          }))}
        />
        <SelectField
          label={t('browse.condition')}
          value={kind}
          onChange={(next) => setKind(next as Kind)}
          options={possible.map((each) => ({ value: each, label: t(`browse.kind.${each}`) }))}
        />
        {kind === 'range' && (
          <div className="data-range">
            <TextField
              label={t('browse.from')}
              type={isDay ? 'date' : 'text'}
              value={from}
              onChange={setFrom}
              error={missing}
            />
            <TextField label={t('browse.to')} type={isDay ? 'date' : 'text'} value={to} onChange={setTo} />
          </div>
        )}
        {kind === 'equals' && type === 'boolean' && (
          <SelectField
            label={t('browse.value')}
            value={value || 'true'}
            onChange={setValue}
            options={['true', 'false'].map((each) => ({ value: each, label: each }))}
          />
        )}
        {(kind === 'contains' || (kind === 'equals' && type !== 'boolean')) && (
          <TextField label={t('browse.value')} value={value} onChange={setValue} error={missing} />
        )}
        {kind === 'oneOf' && <ValuesField value={value} onChange={setValue} error={missing} />}
        <button type="submit" className="visually-hidden" tabIndex={-1} aria-hidden="true" />
      </form>
    </Box>
  );
}

function ValuesField(props: { value: string; onChange: (value: string) => void; error: string | undefined }) {
  return <TextArea label={t('browse.values')} help={t('browse.valuesHelp')} rows={5} {...props} />;
}
