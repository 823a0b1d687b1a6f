import { useState } from 'react';
import type { Source } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Empty, Loaded, Page } from '../../components/page.tsx';
import { SignIn } from '../../components/session/sign-in.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { t } from '../../i18n/index.ts';
import { go, href, type Route } from '../../router.ts';
import { SourceCard } from './source-card.tsx';
import { SourceForm } from './source-form.tsx';
import { SpaceChoice } from './space-choice.tsx';

type Open =
  | { readonly what: 'form'; readonly source: Source | null }
  | { readonly what: 'sign in'; readonly source: Source }
  | { readonly what: 'space'; readonly source: Source; readonly account: string };

export function Sources({ route }: { route: Route }) {
  const list = useCall('sources.list', {});
  const types = useCall('sources.types', {});
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
    const fields = types.data?.find((each) => each.type === source.sourceType)?.settings ?? [];
    const hasSpace = fields.some((field) => field.name === 'domain');
    if (hasSpace && !source.settings['domain'] && access.may('manage_sources')) {
      setOpen({ what: 'space', source, account });
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
            <ul className="stack">
              {sources.map((source) => (
                <SourceCard
                  key={source.id}
                  source={source}
                  type={types.data?.find((each) => each.type === source.sourceType)}
                  shown={source.id === route.query.get('show')}
                  onEdit={() => setOpen({ what: 'form', source })}
                  onSignIn={() => setOpen({ what: 'sign in', source })}
                  onChooseSpace={() =>
                    setOpen({ what: 'space', source, account: source.credential?.account ?? '' })
                  }
                />
              ))}
            </ul>
          )
        }
      </Loaded>
      {shown?.what === 'form' && types.data && (
        <SourceForm
          source={shown.source}
          types={types.data}
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
      {shown?.what === 'space' && <SpaceChoice source={shown.source} onClose={close} />}
    </Page>
  );
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
