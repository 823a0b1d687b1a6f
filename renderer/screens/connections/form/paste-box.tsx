import { type RefObject, useState } from 'react';
import { engineTraits } from '../../../../preload/contract/engines.ts';
import { Note } from '../../../components/error-notice.tsx';
import { formatList } from '../../../format.ts';
import { t } from '../../../i18n/index.ts';
import { type Pasted, type PastedField, pastedFields, readPasted, saysMore } from '../../setup/paste.ts';
import { PasteArea } from '../../setup/paste-area.tsx';

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
    const read = readPasted(typed, true);
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
      <PasteArea
        ref={box}
        optional
        value={text}
        error={problem}
        onChange={(typed) => {
          setText(typed);
          setProblem(undefined);
        }}
        take={take}
        onBlur={takeOrSay}
        onEnter={takeOrSay}
      />
      {/* There before it speaks: what comes onto a page together with its text is not said everywhere. */}
      <div role="status">{taken && <Recognised taken={taken} />}</div>
    </div>
  );
}

function Recognised({ taken }: { taken: Pasted }) {
  const textOf = (part: PastedField): string =>
    part === 'password' ? t('paste.hidden') : String(taken[part]);
  const there = pastedFields.filter((part) => taken[part] !== '');
  const lacking = pastedFields.filter((part) => taken[part] === '');
  return (
    <Note tone={lacking.length === 0 ? 'ok' : 'info'}>
      <p className="notice-title">{t('paste.recognised')}</p>
      <dl className="paste-parts">
        <div>
          <dt>{t('connections.engine')}</dt>
          <dd translate="no">{engineTraits[taken.engine].title}</dd>
        </div>
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
        {taken.signIn !== undefined && (
          <div>
            <dt>{t('connections.signIn')}</dt>
            <dd>{t(`signIn.${taken.signIn}`)}</dd>
          </div>
        )}
      </dl>
      {lacking.length > 0 && (
        <p>{t('paste.lacks', { fields: formatList(lacking.map((part) => t(`connections.${part}`))) })}</p>
      )}
    </Note>
  );
}
