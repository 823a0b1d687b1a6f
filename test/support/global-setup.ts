/** Keeps `import 'electron'` from fetching its binary in tests; nothing here needs the real one. */
export default function setup(): void {
  process.env['ELECTRON_OVERRIDE_DIST_PATH'] ??= '/nonexistent';
}
