import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Box } from '../../components/dialogs.tsx';
import { TextField } from '../../components/fields.tsx';
import { t } from '../../i18n/index.ts';

interface NameDialogProps {
  readonly title: string;
  readonly value: string;
  readonly onName: (name: string) => void;
  readonly onClose: () => void;
}

/** A name for a query; an empty one takes it away. */
export function NameDialog({ title, value, onName, onClose }: NameDialogProps) {
  const [name, setName] = useState(value);
  const done = () => onName(name.trim());
  return (
    <Box
      open
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button tone="primary" onClick={done}>
            {t('action.save')}
          </Button>
        </>
      }
    >
      <TextField
        label={t('query.name')}
        value={name}
        maxLength={100}
        onChange={setName}
        onKeyDown={(event) => {
          if (event.key === 'Enter') done();
        }}
      />
    </Box>
  );
}
