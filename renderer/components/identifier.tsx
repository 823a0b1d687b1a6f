import { CopyButton } from './copy.tsx';

/** A name from the database: on one line, in full when hovered, and there to be copied. */
export function Identifier({ text, copyLabel }: { text: string; copyLabel: string }) {
  return (
    <span className="identifier code">
      <span className="identifier-text" translate="no" title={text}>
        {text}
      </span>
      <CopyButton text={text} label={copyLabel} />
    </span>
  );
}
