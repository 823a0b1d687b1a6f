import { common } from './en/common.ts';
import { look } from './en/look.ts';
import { review } from './en/review.ts';
import { setup } from './en/setup.ts';

/** Every visible string in English. Another language has exactly these keys; the compiler checks it. */
export const en = { ...common, ...setup, ...look, ...review } as const;
