import type { ComponentProps } from 'react';
import { TextArea } from '../../components/fields.tsx';
import { t } from '../../i18n/index.ts';

interface PasteAreaProps
  extends Pick<ComponentProps<typeof TextArea>, 'ref' | 'optional' | 'error' | 'onBlur' | 'onChange'> {
  readonly value: string;
  /** Takes a text apart; whether it could be. */
  readonly take: (text: string) => boolean;
  readonly onEnter: () => void;
  /** Where the focus goes when the panel opens. */
  readonly isFirst?: boolean;
}

/** Where what one has at hand is pasted or typed, to be taken apart: with a password in it, it is not shown any longer. */
export function PasteArea({ take, onEnter, isFirst, ...rest }: PasteAreaProps) {
  return (
    <TextArea
      label={t('setup.paste')}
      help={t('setup.pasteHelp')}
      placeholder="postgres://user:password@host:5432/database"
      rows={2}
      translate="no"
      autoComplete="off"
      data-first={isFirst || undefined}
      onPaste={(event) => {
        if (take(event.clipboardData.getData('text'))) event.preventDefault();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || event.shiftKey) return;
        event.preventDefault();
        onEnter();
      }}
      {...rest}
    />
  );
}
