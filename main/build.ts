import { build } from 'rolldown';
import config from './rolldown.config.ts';

/* Bundles main and preload. The command line of the bundler would list every file it wrote; this says only what fails. */
await build(config as Parameters<typeof build>[0]);
