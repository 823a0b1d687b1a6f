import { advice } from './advice.ts';
import { common } from './common.ts';

/** Every sentence of the core in English: what a translator begins with, and what the compiler takes parameters from. */
export const sentences = { ...advice, ...common } as const;
