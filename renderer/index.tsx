import { CSPProvider } from '@base-ui/react/csp-provider';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiProvider, connectBridge } from './api.ts';
import { App } from './app.tsx';
import { SeatProvider } from './components/session/lock-session.tsx';
import { ToastProvider } from './components/toasts.tsx';
import { showDensity } from './density.ts';
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
import './styles/rooms/home.css';
import './styles/rooms/project.css';
import './styles/rooms/field.css';
import './styles/rooms/data.css';
import './styles/rooms/picks.css';
import './styles/rooms/review.css';
import './styles/rooms/runs.css';
import './styles/rooms/dictionary.css';
import './styles/rooms/query.css';
import './styles/grid.css';
import './styles/rooms/people.css';
import './styles/rooms/connections.css';
import './styles/rooms/moving.css';
import './styles/rooms/inbox.css';
import './styles/rooms/palette.css';
import './styles/rooms/activity.css';
import './styles/rooms/settings.css';
import './styles/rooms/sources.css';
import './styles/rooms/way-in.css';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root');
keepFocus();
showDensity();

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
