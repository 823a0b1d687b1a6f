import { CSPProvider } from '@base-ui/react/csp-provider';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiProvider, connectBridge } from './api.ts';
import { App } from './app.tsx';
import { SeatProvider } from './components/session/lock-session.tsx';
import { ToastProvider } from './components/toasts.tsx';
import { keepFocus } from './focus.ts';
import { LanguageProvider, startLanguage } from './language.tsx';
import { ThemeProvider } from './theme.tsx';
import './styles/tokens.css';
import './styles/base.css';
import './styles/components.css';
import './styles/tables.css';
import './styles/popups.css';
import './styles/progress.css';
import './styles/forms.css';
import './styles/shell.css';
import './styles/screens.css';
import './styles/home.css';
import './styles/project.css';
import './styles/field.css';
import './styles/data.css';
import './styles/picks.css';
import './styles/review.css';
import './styles/runs.css';
import './styles/dictionary.css';
import './styles/query.css';
import './styles/grid.css';
import './styles/people.css';
import './styles/connections.css';
import './styles/moving.css';
import './styles/inbox.css';
import './styles/palette.css';
import './styles/way-in.css';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root');
keepFocus();

const api = connectBridge();
const drawn = createRoot(root);
const language = await startLanguage(api);

/** Made of new elements each time, so that everything is drawn anew in another language, and what is typed stays. */
function draw(): void {
  drawn.render(
    <StrictMode>
      {/* The page is served under style-src 'self': the component library must not add <style> elements. */}
      <CSPProvider disableStyleElements>
        <ApiProvider value={api}>
          <LanguageProvider window={language}>
            <SeatProvider>
              <ToastProvider>
                <ThemeProvider>
                  <App />
                </ThemeProvider>
              </ToastProvider>
            </SeatProvider>
          </LanguageProvider>
        </ApiProvider>
      </CSPProvider>
    </StrictMode>,
  );
}
language.onChange(draw);
draw();
