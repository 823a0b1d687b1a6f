import { type RefObject, useState } from 'react';
import { Note } from '../../../components/error-notice.tsx';
import { TextArea } from '../../../components/fields.tsx';
import { formatList } from '../../../format.ts';
import { t } from '../../../i18n/index.ts';
import { type Pasted, readPasted, saysMore } from '../../setup/paste.ts';

const parts = ['host', 'port', 'database', 'user', 'password'] as const;

interface PasteBoxProps {
  readonly box: RefObject<HTMLTextAreaElement | null>;
  readonly onTake: (pasted: Pasted) => void;
}

/**
 * Takes apart what one has at hand: a URL, keywords, a line of .pgpass or a section of pg_service.conf. What was recognised is
 * told part by part; a password goes straight to the field that hides it and is not repeated.
 */
export function PasteBox({ box, onTake }: PasteBoxProps) {
  const [text, setText] = useState('');
  const [taken, setTaken] = useState<Pasted | null>(null);
  const [problem, setProblem] = useState<string>();
  const take = (typed: string): boolean => {
    const read = readPasted(typed);
    if (!read) return false;
    setTaken(read);
    setProblem(undefined);
    setText('');
    onTake(read);
    return true;
  };
  const takeOrSay = () => {
    if (text.trim() === '' || take(text)) return;
    setProblem(t(saysMore(text) ? 'paste.saysMore' : 'setup.pasteInvalid'));
  };
  return (
    <div className="paste-box stack-tight">
      <TextArea
        ref={box}
        label={t('setup.paste')}
        help={t('setup.pasteHelp')}
        optional
        placeholder="postgres://user:password@host:5432/database"
        rows={2}
        translate="no"
        autoComplete="off"
        value={text}
        error={problem}
        onChange={(typed) => {
          setText(typed);
          setProblem(undefined);
        }}
        onPaste={(event) => {
          if (take(event.clipboardData.getData('text'))) event.preventDefault();
        }}
        onBlur={takeOrSay}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey) return;
          event.preventDefault();
          takeOrSay();
        }}
      />
      {/* There before it speaks: what comes onto a page together with its text is not said everywhere. */}
      <div role="status">{taken && <Recognised taken={taken} />}</div>
    </div>
  );
}

function Recognised({ taken }: { taken: Pasted }) {
  const textOf = (part: (typeof parts)[number]): string =>
    part === 'password' ? t('paste.hidden') : String(taken[part]);
  const there = parts.filter((part) => taken[part] !== '');
  const lacking = parts.filter((part) => taken[part] === '');
  return (
    <Note tone={lacking.length === 0 ? 'ok' : 'info'}>
      <p className="notice-title">{t('paste.recognised')}</p>
      <dl className="paste-parts">
        {there.map((part) => (
          <div key={part}>
            <dt>{t(`connections.${part}`)}</dt>
            <dd
              className={part === 'password' ? undefined : 'code'}
              translate={part === 'password' ? undefined : 'no'}
            >
              {textOf(part)}
            </dd>
          </div>
        ))}
        <div>
          <dt>{t('section.tls')}</dt>
          <dd>{t(`tls.${taken.tlsMode}`)}</dd>
        </div>
      </dl>
      {lacking.length > 0 && (
        <p>{t('paste.lacks', { fields: formatList(lacking.map((part) => t(`connections.${part}`))) })}</p>
      )}
    </Note>
  );
}
