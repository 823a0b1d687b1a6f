import { useState } from 'react';
import {
  longestDescription,
  type Sensitivity,
  sensitivities,
} from '../../../preload/contract/dictionary-words.ts';
import type {
  Dataset,
  DescribedColumn,
  DescribedTable,
  DictionaryNote,
} from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction } from '../../api.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { Panel } from '../../components/dialogs.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { CheckField, TextArea } from '../../components/fields.tsx';
import { Tag } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { formatList, formatNumber } from '../../format.ts';
import { t } from '../../i18n/index.ts';

const tagName = (tag: Sensitivity): string => t(`dictionary.tag.${tag}`);
const listed = (tags: readonly Sensitivity[]): string => formatList(tags.map(tagName));

/** What people say of something, its tags, and who said it last. */
export function Said({ note }: { note: DictionaryNote | null }) {
  if (note === null) return null;
  const { description, sensitivity, by, at } = note;
  return (
    <>
      {description !== null && (
        <p className="said">
          {description}{' '}
          <span className="muted">
            <Time
              at={at}
              say={(time) =>
                by === null
                  ? t('dictionary.saidBySomebody', { time })
                  : t('dictionary.saidBy', { name: by, time })
              }
            />
          </span>
        </p>
      )}
      {sensitivity.length > 0 && (
        <p className="said-tags">
          {sensitivity.map((tag) => (
            <Tag key={tag} tone="warn">
              {tagName(tag)}
            </Tag>
          ))}
        </p>
      )}
    </>
  );
}

/** Opens the form; nothing for whoever may not describe. */
export function DescribeButton({
  name,
  wide,
  onPress,
}: {
  name: string;
  wide?: boolean;
  onPress: () => void;
}) {
  if (!useAccess().may('describe_data')) return null;
  const label = t('dictionary.describeOf', { name });
  return wide ? (
    <Button icon="edit" aria-label={label} onClick={onPress}>
      {t('dictionary.describe')}
    </Button>
  ) : (
    <IconButton icon="edit" label={label} onClick={onPress} />
  );
}

interface AboutProps {
  readonly dataset: Dataset;
  readonly table: DescribedTable;
  readonly column: DescribedColumn;
}

/** Tags that a name suggests, to be accepted or declined. */
export function Suggested({ dataset, table, column }: AboutProps) {
  const may = useAccess().may('describe_data');
  const { suggested, note, name } = column;
  const decide = useAction((client, _, accept: boolean) =>
    client.dictionary.describe({
      ...{ id: dataset.id, table: table.id, column: name },
      ...(accept
        ? { sensitivity: [...(note?.sensitivity ?? []), ...suggested] }
        : { declined: [...(note?.declined ?? []), ...suggested] }),
    }),
  );
  if (suggested.length === 0) return null;
  const tags = listed(suggested);
  return (
    <div className="suggested">
      <span className="muted">{t('dictionary.suggested', { tags })}</span>
      {may && (
        <>
          <Button
            small
            tone="quiet"
            busy={decide.busy}
            aria-label={t('dictionary.acceptOf', { tags, name })}
            onClick={() => void decide.run(true)}
          >
            {t('dictionary.accept')}
          </Button>
          <Button
            small
            tone="quiet"
            busy={decide.busy}
            aria-label={t('dictionary.declineOf', { tags, name })}
            onClick={() => void decide.run(false)}
          >
            {t('dictionary.decline')}
          </Button>
        </>
      )}
      {decide.error && <ErrorNotice error={decide.error} urgent />}
    </div>
  );
}

interface DescribePanelProps {
  readonly dataset: Dataset;
  readonly table: DescribedTable;
  /** Null for the table itself. */
  readonly column: DescribedColumn | null;
  readonly onClose: () => void;
}

/** The form in which people say what a table or a column means, and how sensitive it is. */
export function DescribePanel({ dataset, table, column, onClose }: DescribePanelProps) {
  const notify = useNotify();
  const { name, note } = column ?? table;
  const suggested = column?.suggested ?? [];
  const source =
    column === null ? table.description : (column.label ?? column.description ?? column.sourcePath);
  const [description, setDescription] = useState(note?.description ?? '');
  const [tags, setTags] = useState<readonly Sensitivity[]>([...(note?.sensitivity ?? []), ...suggested]);
  const tooLong = description.length > longestDescription;
  const save = useAction((client) =>
    client.dictionary.describe({
      ...{ id: dataset.id, table: table.id, column: column?.name ?? null, description },
      sensitivity: [...tags],
      declined: [...new Set([...(note?.declined ?? []), ...suggested])].filter((tag) => !tags.includes(tag)),
    }),
  );
  const submit = async (): Promise<void> => {
    if (tooLong) return;
    const answer = await save.run();
    if (!answer) return;
    notify.done(t(`dictionary.saved.${answer.comment}`));
    onClose();
  };
  return (
    <Panel
      open
      title={t('dictionary.describeOf', { name })}
      lead={source === null ? t('dictionary.sourceSilent') : t('dictionary.sourceSays', { text: source })}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button tone="primary" type="submit" busy={save.busy}>
            {t('action.save')}
          </Button>
        </>
      }
    >
      <TextArea
        label={t('dictionary.description')}
        help={t('dictionary.descriptionHelp')}
        rows={4}
        value={description}
        onChange={setDescription}
        error={
          tooLong
            ? t('dictionary.descriptionTooLong', {
                most: formatNumber(longestDescription),
                count: formatNumber(description.length),
              })
            : undefined
        }
      />
      <fieldset className="field sensitivity">
        <legend className="field-label">{t('dictionary.sensitivity')}</legend>
        {suggested.length > 0 && (
          <p className="field-help">{t('dictionary.sensitivityHelp', { tags: listed(suggested) })}</p>
        )}
        {sensitivities.map((tag) => (
          <CheckField
            key={tag}
            label={tagName(tag)}
            help={t(`dictionary.tagHelp.${tag}`)}
            checked={tags.includes(tag)}
            onChange={(on) =>
              setTags(sensitivities.filter((each) => (each === tag ? on : tags.includes(each))))
            }
          />
        ))}
      </fieldset>
      {save.error && <ErrorNotice error={save.error} urgent />}
    </Panel>
  );
}
