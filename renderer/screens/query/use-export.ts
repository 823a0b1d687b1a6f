import { useRef, useState } from 'react';
import type { Events } from '../../../preload/contract/events.ts';
import type { Input } from '../../../preload/contract/methods.ts';
import { useAction, useEvent } from '../../api.ts';

export type Progress = Pick<Events['query.exportProgressed'], 'rows' | 'bytes'>;

/** One export at a time, with how far it is: null while nothing is written, as long as a file is chosen too. */
export function useExport() {
  const [progress, setProgress] = useState<Progress | null>(null);
  const mine = useRef<string | null>(null);
  useEvent('query.exportProgressed', ({ progressId, rows, bytes }) => {
    if (progressId === mine.current) setProgress({ rows, bytes });
  });
  const save = useAction((client, signal, input: Input<'query.export'>) =>
    client.query.export(input, { signal }),
  );
  const run = async (input: Omit<Input<'query.export'>, 'progressId'>) => {
    const progressId = crypto.randomUUID();
    mine.current = progressId;
    setProgress(null);
    try {
      return await save.run({ ...input, progressId });
    } finally {
      mine.current = null;
      setProgress(null);
    }
  };
  return { busy: save.busy, error: save.error, cancel: save.cancel, progress, run };
}
