import { common } from './en/common.ts';
import { look } from './en/look.ts';
import { setup } from './en/setup.ts';

/** Every visible string in English. Another language has exactly these keys; the compiler checks it. */
export const en = { ...common, ...setup, ...look } as const;
