import { defineConfig } from 'vitest/config';
import { messages } from '../renderer/messages.config.ts';

const common = {
  globalSetup: ['test/support/global-setup.ts'],
  setupFiles: ['test/support/english.ts'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // What is polled for comes at once on a quiet machine; a busy one may take its time.
  expect: { poll: { timeout: 15_000 } },
};

/** What measures how smoothly a browser draws. */
const measured = ['test/e2e/**/*-{frames,speed}.test.ts'];

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    reporters: ['default', './test/support/closing-line.ts'],
    // Two cores on the smallest machine that runs the suite; more workers only make timings noisy.
    maxWorkers: 2,
    projects: [
      {
        plugins: [messages()],
        test: {
          ...common,
          name: 'core',
          include: ['test/{unit,conformance,security,integration}/**/*.test.ts'],
          sequence: { groupOrder: 1 },
        },
      },
      {
        plugins: [messages()],
        test: {
          ...common,
          name: 'window',
          include: ['test/e2e/**/*.test.ts'],
          exclude: [...measured],
          sequence: { groupOrder: 2 },
        },
      },
      {
        plugins: [messages()],
        test: {
          ...common,
          name: 'measured',
          include: [...measured],
          // One at a time, when nothing else wants the cores.
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
