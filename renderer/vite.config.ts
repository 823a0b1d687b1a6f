import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { licences } from '../main/licences.config.ts';
import { messages } from './messages.config.ts';

export default defineConfig({
  base: './',
  plugins: [react(), messages(), licences],
  // The renderer only ever runs in the Chromium of the pinned Electron major.
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'chrome146',
    sourcemap: true,
    // The charts are the largest part, fetched with the first one that is drawn.
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
  },
});
