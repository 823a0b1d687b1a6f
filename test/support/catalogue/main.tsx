import { CSPProvider } from '@base-ui/react/csp-provider';
import { createRoot } from 'react-dom/client';
import { ApiProvider, connectBridge } from '../../../renderer/api.ts';
import { SeatProvider } from '../../../renderer/components/session/lock-session.tsx';
import { ToastProvider } from '../../../renderer/components/toasts.tsx';
import { showDensity } from '../../../renderer/density.ts';
import { everyWord } from '../../../renderer/i18n/index.ts';
import { LanguageProvider, startLanguage } from '../../../renderer/language.tsx';
import { ThemeProvider } from '../../../renderer/theme.tsx';
import { Catalogue } from './catalogue.tsx';

// The styles of the window, in its order: what it imports is read there, so that none is forgotten here.
const styles = import.meta.glob('../../../renderer/styles/**/*.css');
const entry = await import('../../../renderer/index.tsx?raw');
const order = [...String(entry.default).matchAll(/'\.\/styles\/([^']+)'/g)].map(([, name]) => name);
for (const name of order) await styles[`../../../renderer/styles/${name}`]?.();

showDensity();
const api = connectBridge();
const language = await startLanguage(api);
await everyWord();
const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root');
createRoot(root).render(
  <CSPProvider disableStyleElements>
    <ApiProvider value={api}>
      <LanguageProvider window={language}>
        <SeatProvider>
          <ToastProvider>
            <ThemeProvider>
              <Catalogue />
            </ThemeProvider>
          </ToastProvider>
        </SeatProvider>
      </LanguageProvider>
    </ApiProvider>
  </CSPProvider>,
);
