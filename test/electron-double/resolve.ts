import { registerHooks } from 'node:module';

/** Makes `electron` mean the double in the process that starts with `--import` of this file. */
const double = new URL('./main-process.ts', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'electron' || specifier === 'electron/main') {
      return { url: double, format: 'module-typescript', shortCircuit: true };
    }
    return next(specifier, context);
  },
});
