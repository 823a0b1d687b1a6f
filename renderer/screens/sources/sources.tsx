import { useState } from 'react';
import type { Source, SourceTypeInfo } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/fields.tsx';
import { Empty, Loaded, Page } from '../../components/page.tsx';
import { SignIn } from '../../components/session/sign-in.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { hasWords } from '../../fold.ts';
import { t } from '../../i18n/index.ts';
import { go, href, type Route } from '../../router.ts';
import { placeOf, scopeOf } from '../../source-kinds.ts';
import { allInWords } from '../../source-words.ts';
import { useWatched } from '../../watch/use-watched.tsx';
import { ScopeChoice } from './scope-choice.tsx';
import { ServerSection } from './server-section.tsx';
import { serversOf } from './servers.ts';
import { SourceForm } from './source-form.tsx';
import type { RowActions } from './source-row.tsx';

type Open =
  | { readonly what: 'form'; readonly source: Source | null }
  | { readonly what: 'sign in'; readonly source: Source }
  | { readonly what: 'scope'; readonly source: Source; readonly account: string };

export function Sources({ route }: { route: Route }) {
  const list = useCall('sources.list', {});
  const types = useCall('sources.types', {});
  const told = types.data && allInWords(types.data);
  const access = useAccess();
  const notify = useNotify();
  const [open, setOpen] = useState<Open | null>(null);
  const blocked = access.reason('manage_sources');
  const wanted = wantedBy(route, list.data, access.may('manage_sources'), access.may('authorise_sources'));
  const shown = open ?? wanted;
  const close = () => {
    setOpen(null);
    if (wanted) go(href('sources'), true);
  };
  const signedIn = (source: Source, account: string) => {
    close();
    notify.done(t('signIn.doneToast', { account }));
    const scope = scopeOf(types.data?.find((each) => each.type === source.sourceType));
    if (scope && !source.settings[scope.name] && access.may('manage_sources')) {
      setOpen({ what: 'scope', source, account });
    }
  };
  const add = (
    <Button
      tone="primary"
      icon="plus"
      blocked={blocked}
      onClick={() => setOpen({ what: 'form', source: null })}
    >
      {t('sources.add')}
    </Button>
  );
  return (
    <Page
      title={t('sources.title')}
      lead={t('sources.lead')}
      action={list.data?.length === 0 ? undefined : add}
    >
      <Loaded call={list}>
        {(sources) =>
          sources.length === 0 ? (
            <Empty icon="source" title={t('sources.emptyTitle')} action={add}>
              {t('sources.emptyText')}
            </Empty>
          ) : (
            <Servers
              sources={sources}
              types={told ?? []}
              shown={route.query.get('show')}
              onEdit={(source) => setOpen({ what: 'form', source })}
              onSignIn={(source) => setOpen({ what: 'sign in', source })}
              onChooseScope={(source) =>
                setOpen({ what: 'scope', source, account: source.credential?.account ?? '' })
              }
            />
          )
        }
      </Loaded>
      {shown?.what === 'form' && told && (
        <SourceForm
          source={shown.source}
          types={told}
          onClose={close}
          onSaved={(saved) => {
            close();
            if (!shown.source && access.may('authorise_sources')) setOpen({ what: 'sign in', source: saved });
          }}
        />
      )}
      {shown?.what === 'sign in' && (
        <SignIn
          sourceId={shown.source.id}
          sourceName={shown.source.name}
          onClose={close}
          onDone={(credential) => signedIn(shown.source, credential.account)}
        />
      )}
      {shown?.what === 'scope' && types.data && (
        <ScopeChoice source={shown.source} types={types.data} onClose={close} />
      )}
    </Page>
  );
}

/** From here on a list is looked through faster by typing. */
const many = 12;

interface ServersProps extends RowActions {
  readonly sources: readonly Source[];
  readonly types: readonly SourceTypeInfo[];
  readonly shown: string | null;
}

/** One section a server. What belongs to a section and is not there yet, e.g. its sign-ins, comes in a moment. */
function Servers({ sources, types, shown, ...actions }: ServersProps) {
  const credentials = useCall('credentials.list', {}).data ?? [];
  const pace = useCall('sources.pace', {}).data ?? [];
  const links = useWatched().data ?? [];
  const [search, setSearch] = useState('');
  const fitting = sources.filter((each) => fits(each, search));
  return (
    <div className="stack">
      {sources.length > many && (
        <TextField label={t('servers.find')} type="search" value={search} onChange={setSearch} />
      )}
      <p className="visually-hidden" role="status">
        {search.trim() !== '' && t('filter.found', { count: fitting.length })}
      </p>
      {fitting.length === 0 && <p>{t('servers.findNone', { search: search.trim() })}</p>}
      {serversOf({ sources: fitting, types, links, credentials, pace }).map((server) => (
        <ServerSection
          key={server.key}
          server={server}
          type={types.find((each) => each.type === server.sourceType)}
          pace={pace}
          shown={shown}
          {...actions}
        />
      ))}
    </div>
  );
}

/** Whether each word is somewhere in what one knows a source by. */
function fits({ name, settings, usedBy, ...place }: Source, search: string): boolean {
  const text = [name, placeOf(place), ...Object.values(settings), ...usedBy.map((each) => each.name)].join(
    ' ',
  );
  return hasWords(text, search);
}

/** Other screens lead here with `?add` or `?signIn=<id>`. */
function wantedBy(
  route: Route,
  sources: readonly Source[] | undefined,
  mayManage: boolean,
  maySignIn: boolean,
): Open | null {
  if (route.query.has('add') && mayManage) return { what: 'form', source: null };
  const source = sources?.find((each) => each.id === route.query.get('signIn'));
  return source && maySignIn ? { what: 'sign in', source } : null;
}
