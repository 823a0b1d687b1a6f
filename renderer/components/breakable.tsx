import { Fragment } from 'react';

/** Lets a long address or identifier break after its separators before it breaks anywhere else. */
export function Breakable({ text }: { text: string }) {
  const parts = text.match(/[^.:/@_-]*[.:/@_-]*/g)?.filter(Boolean) ?? [];
  let at = 0;
  return parts.map((part) => {
    at += part.length;
    return (
      <Fragment key={at}>
        {part}
        <wbr />
      </Fragment>
    );
  });
}
