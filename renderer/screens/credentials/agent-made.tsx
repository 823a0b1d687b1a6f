import { useState } from 'react';
import type { AgentGrant } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { CopyTextButton } from '../../components/copy.tsx';
import { Box } from '../../components/dialogs.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { Identifier } from '../../components/identifier.tsx';
import { formatCountdown } from '../../format.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';

export interface Made {
  readonly grant: AgentGrant;
  /** The file that has the token; null where it went into the clipboard. */
  readonly path: string | null;
  /** When it is taken out of the clipboard. */
  readonly until: string | null;
}

/** Where a token goes that was copied, as the README says it. */
const usualFile = '/home/me/.headgate-agent';
const keepCommand = '(umask 077; cat > ~/.headgate-agent)';

/** What a client of MCP is told to start; the same as in the README. */
const snippetFor = (project: string, tokenFile: string): string =>
  JSON.stringify(
    {
      mcpServers: {
        headgate: { command: 'headgate', args: ['mcp', '--project', project, '--token-file', tokenFile] },
      },
    },
    null,
    2,
  );

/** Shown once, right after an agent was let in: where its token is, and what its client is told. */
export function AgentMade({ made, onClose }: { made: Made; onClose: () => void }) {
  const { grant, path, until } = made;
  const [asking, setAsking] = useState(false);
  const now = useNow(500);
  const left = until === null ? 0 : Date.parse(until) - now;
  const end = useAction((client) => client.agents.revoke({ id: grant.id }));
  const notKept = async (): Promise<void> => {
    if (await end.run()) onClose();
  };
  const snippet = snippetFor(grant.projectName, path ?? usualFile);
  // A file is kept as soon as it is there.
  const close = (): void =>
    path === null && !asking ? setAsking(true) : path === null ? setAsking(false) : onClose();
  return (
    <Box
      open
      wide
      title={t('agents.madeTitle', { name: grant.name })}
      onClose={close}
      footer={
        asking ? (
          <>
            <p className="panel-question" role="alert">
              {t('agents.keptQuestion')}
            </p>
            <Button key="back" tone="quiet" onClick={() => setAsking(false)}>
              {t('agents.back')}
            </Button>
            <Button key="no" busy={end.busy} onClick={() => void notKept()}>
              {t('agents.keptNo')}
            </Button>
            <Button key="yes" tone="primary" onClick={onClose}>
              {t('agents.keptYes')}
            </Button>
          </>
        ) : (
          <Button key="close" tone="primary" onClick={close}>
            {t('action.close')}
          </Button>
        )
      }
    >
      <div className="stack">
        {end.error && <ErrorNotice error={end.error} urgent />}
        {path === null ? (
          <>
            <div role="status">
              <Note tone={left > 0 ? 'info' : 'ok'}>
                {left > 0 ? (
                  <p>
                    {t('agents.copied')}{' '}
                    <span className="number countdown" role="timer" aria-label={t('agents.timeLeft')}>
                      {formatCountdown(left)}
                    </span>
                  </p>
                ) : (
                  <p>{t('agents.cleared')}</p>
                )}
              </Note>
            </div>
            <p>{t('agents.fileHow')}</p>
            <Identifier text={keepCommand} copyLabel={t('agents.copyCommand')} />
            <p className="muted">{t('agents.fileHowWindows')}</p>
          </>
        ) : (
          <>
            <p>{t('agents.savedAt')}</p>
            <Identifier text={path} copyLabel={t('agents.copyPath')} />
          </>
        )}
        <h3>{t('agents.snippet')}</h3>
        <p className="muted">{t('agents.snippetHelp')}</p>
        <pre className="agent-snippet" translate="no">
          {snippet}
        </pre>
        <p>
          <CopyTextButton text={snippet} label={t('agents.copySnippet')} />
        </p>
      </div>
    </Box>
  );
}
