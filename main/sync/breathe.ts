/** Lets the thread look up from long work: answers come in meanwhile, and signs of life go out. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
