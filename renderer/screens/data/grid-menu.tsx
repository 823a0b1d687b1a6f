import { Menu } from '@base-ui/react/menu';
import type { RowFilter, RowOrder } from '../../../preload/contract/models.ts';
import { t } from '../../i18n/index.ts';
import { isMoment, type ShownColumn } from './columns.ts';

export interface MenuAt {
  /** -1 where the menu is that of the column alone. */
  readonly row: number;
  readonly column: number;
  readonly at: Element;
}

interface GridMenuProps {
  readonly menu: MenuAt | null;
  readonly columns: readonly ShownColumn[];
  readonly order: RowOrder | null;
  readonly frozen: number;
  /** Of the cell that it was opened at; undefined where there is none. */
  readonly value: string | null | undefined;
  readonly width: number;
  readonly onClose: () => void;
  readonly onSort: (direction: 'up' | 'down' | null) => void;
  readonly onFilter: () => void;
  readonly onFilterBy: (filter: RowFilter) => void;
  readonly onHide: () => void;
  readonly onFreeze: (count: number) => void;
  readonly onWidth: (by: number) => void;
  readonly onFit: () => void;
  readonly onCopy: (how: 'value' | 'sql' | 'json') => void;
  readonly onRow: () => void;
  readonly onColumn: () => void;
}

/** The longest value that rows are filtered by from its cell. */
const longestFilter = 500;
const step = 40;

/** Everything that can be done with a cell and its column, by mouse and by keyboard alike. */
export function GridMenu(props: GridMenuProps) {
  const { menu, columns, order, frozen, value, onClose } = props;
  const column = menu === null ? undefined : columns[menu.column];
  const sorted = order !== null && order.column === column?.name ? order.direction : null;
  const canFilter =
    value !== undefined &&
    column !== undefined &&
    !isMoment(column.type) &&
    (value?.length ?? 0) <= longestFilter;
  const item = (label: string, act: () => void, note?: string) => (
    <Menu.Item className="menu-item" onClick={act}>
      <span>
        {label}
        {note !== undefined && <small>{note}</small>}
      </span>
    </Menu.Item>
  );
  return (
    <Menu.Root open={column !== undefined} onOpenChange={(open) => !open && onClose()} modal={false}>
      <Menu.Portal>
        <Menu.Positioner
          anchor={menu?.at ?? null}
          side="bottom"
          align="start"
          sideOffset={2}
          className="menu-positioner"
        >
          <Menu.Popup
            className="menu data-menu"
            aria-label={t('browse.menuOf', { column: column?.title ?? column?.name ?? '' })}
            finalFocus={false}
          >
            {column && (
              <>
                {value !== undefined && (
                  <>
                    {item(t('browse.copyValue'), () => props.onCopy('value'))}
                    {item(t('browse.copySql'), () => props.onCopy('sql'))}
                    {item(t('browse.copyJson'), () => props.onCopy('json'))}
                    {item(t('browse.wholeRow'), props.onRow)}
                    {canFilter &&
                      item(t('browse.filterSame'), () =>
                        props.onFilterBy(
                          value === null
                            ? { column: column.name, kind: 'empty' }
                            : { column: column.name, kind: 'equals', value },
                        ),
                      )}
                    <Menu.Separator className="menu-separator" />
                  </>
                )}
                {item(
                  t('browse.sortUp'),
                  () => props.onSort('up'),
                  sorted === 'up' ? t('browse.isSo') : undefined,
                )}
                {item(
                  t('browse.sortDown'),
                  () => props.onSort('down'),
                  sorted === 'down' ? t('browse.isSo') : undefined,
                )}
                {item(t('browse.sortUsual'), () => props.onSort(null))}
                {item(t('browse.filterThis'), props.onFilter)}
                <Menu.Separator className="menu-separator" />
                {item(t('browse.columnFacts'), props.onColumn)}
                {item(t('browse.freeze'), () => props.onFreeze((menu?.column ?? 0) + 1))}
                {frozen > 0 && item(t('browse.unfreeze'), () => props.onFreeze(0))}
                {columns.length > 1 && item(t('browse.hide'), props.onHide)}
                {item(t('browse.wider'), () => props.onWidth(step))}
                {item(t('browse.narrower'), () => props.onWidth(-step))}
                {item(t('browse.fit'), props.onFit)}
              </>
            )}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
