import type { RunEntry, RunLevel } from '../../../preload/contract/models.ts';
import { changeTexts, type Said } from '../../../preload/contract/said.ts';

/** Takes secrets out of a text. */
export type Hide = (text: string) => string;

/** What a run said, with every secret that is known taken out: a server may repeat what it was sent. */
export const hidden = ({ said, ...rest }: RunEntry, hide: Hide): RunEntry => ({
  ...rest,
  said: changeTexts(said, hide),
});

export const entryOf = (at: string, level: RunLevel, said: Said, hide: Hide): RunEntry =>
  hidden({ at, level, said }, hide);
