import { Combobox } from '@base-ui/react/combobox';
import { useDeferredValue, useState } from 'react';
import type { Connection } from '../../preload/contract/models.ts';
import { useCall } from '../api.ts';
import { useKept } from '../hooks.ts';
import { t } from '../i18n/index.ts';
import { Field, SelectField } from './fields.tsx';
import { Icon } from './icons.tsx';

/** Up to so many fit the platform's own list; among more one types a part of the name. */
const fewConnections = 50;
/** So many of what was found are drawn. */
const drawn = 50;

export interface ChosenConnection {
  readonly id: string;
  readonly name: string;
  /** With its environment, by which colleagues tell connections apart. */
  readonly label: string;
  readonly readOnly: boolean;
}

interface ConnectionChoiceProps {
  readonly label: string;
  readonly help: string;
  readonly error?: string | undefined;
  readonly chosen: ChosenConnection | null;
  readonly onChange: (chosen: ChosenConnection | null) => void;
  /** Also those that data is only read from. */
  readonly all?: boolean;
}

/** Name and environment, by which colleagues tell connections apart. */
export function connectionLabel(each: Pick<Connection, 'name' | 'environment'>): string {
  return t('projects.connectionOption', {
    name: each.name,
    environment: t(`environment.${each.environment}`),
  });
}

function choiceOf(each: Connection): ChosenConnection {
  const label = connectionLabel(each);
  return {
    id: each.id,
    name: each.name,
    label: each.readOnly ? t('choice.readOnly', { name: label }) : label,
    readOnly: each.readOnly,
  };
}

const usable = (each: Connection): boolean => each.may !== 'see';

/** What can be chosen of the active connections; undefined until that is known. */
export function useUsableConnections(
  all = false,
): { usable: readonly ChosenConnection[]; total: number } | undefined {
  const which = all ? {} : { lands: true };
  const data = useCall('connections.list', { state: 'active', ...which, limit: fewConnections + 1 }).data;
  return data && { usable: data.items.filter(usable).map(choiceOf), total: data.total };
}

/** One of the active connections that the person may use; with many of them, by typing. */
export function ConnectionChoice(props: ConnectionChoiceProps) {
  const known = useUsableConnections(props.all);
  if (known && known.total > fewConnections) return <Searched {...props} />;
  const { label, help, error, chosen, onChange } = props;
  const listed = known?.usable ?? [];
  // One that may no longer be chosen stays where it is in use already.
  const choices = chosen && !listed.some((each) => each.id === chosen.id) ? [chosen, ...listed] : listed;
  return (
    <SelectField
      label={label}
      help={help}
      error={error}
      value={chosen?.id ?? ''}
      onChange={(id) => onChange(choices.find((each) => each.id === id) ?? null)}
      options={[
        { value: '', label: t('projects.connectionChoose') },
        ...choices.map((each) => ({ value: each.id, label: each.label })),
      ]}
    />
  );
}

/** Whether every word is somewhere in the text. */
function fits(text: string, words: string): boolean {
  const within = text.toLocaleLowerCase();
  return words
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => within.includes(word));
}

function Searched({ label, help, error, chosen, onChange, all = false }: ConnectionChoiceProps) {
  const [typed, setTyped] = useState(chosen?.label ?? '');
  // What is in the field after choosing is a label, not a question.
  const question = typed === chosen?.label ? '' : typed.trim();
  const wanted = useDeferredValue(question);
  const asked = useCall('connections.list', {
    state: 'active',
    ...(all ? {} : { lands: true }),
    limit: drawn,
    ...(wanted === '' ? {} : { search: wanted.slice(0, 200) }),
  });
  // A list that empties while it is asked for would lose what Enter takes.
  const found = useKept(asked.data);
  // Until the answer to what is typed is there: Enter must not take one that does not fit it.
  const early = asked.data === undefined || wanted !== question;
  const items = (found?.items.filter(usable).map(choiceOf) ?? []).filter(
    (each) => !early || fits(each.label, question),
  );
  const hidden = found ? found.total - found.items.length : 0;
  return (
    <Field label={label} help={help} error={error}>
      {(wiring) => (
        <Combobox.Root
          items={items}
          filter={null}
          value={chosen}
          onValueChange={onChange}
          inputValue={typed}
          onInputValueChange={setTyped}
          itemToStringLabel={(each: ChosenConnection) => each.label}
          isItemEqualToValue={(a: ChosenConnection, b: ChosenConnection) => a.id === b.id}
          autoHighlight
        >
          <span className="select">
            <Combobox.Input
              {...wiring}
              className="input"
              placeholder={t('choice.findConnection')}
              spellCheck={false}
            />
            <Icon name="chevronDown" size={14} />
          </span>
          <Combobox.Portal>
            <Combobox.Positioner className="menu-positioner" sideOffset={4}>
              <Combobox.Popup className="menu menu-choice">
                <Combobox.Empty className="menu-note">
                  {found && wanted !== '' ? t('choice.noConnection', { text: wanted }) : null}
                </Combobox.Empty>
                <Combobox.List>
                  {(each: ChosenConnection) => (
                    <Combobox.Item key={each.id} value={each} className="menu-item">
                      <span>{each.label}</span>
                    </Combobox.Item>
                  )}
                </Combobox.List>
                <Combobox.Status className="menu-note">
                  {hidden > 0 ? t('choice.more', { count: hidden }) : null}
                </Combobox.Status>
              </Combobox.Popup>
            </Combobox.Positioner>
          </Combobox.Portal>
        </Combobox.Root>
      )}
    </Field>
  );
}
