import { useCall } from '../../api.ts';
import { Empty, Loaded, Page } from '../../components/page.tsx';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';
import { Agents } from './agents.tsx';
import { SignIns } from './sign-ins.tsx';

export function Credentials() {
  const list = useCall('credentials.list', {});
  return (
    <Page title={t('credentials.title')} lead={t('credentials.lead')}>
      <Loaded call={list}>
        {(credentials) =>
          credentials.length === 0 ? (
            <Empty
              icon="key"
              title={t('credentials.emptyTitle')}
              action={
                <a className="button button-primary" href={href('sources')}>
                  {t('credentials.emptyAction')}
                </a>
              }
            >
              {t('credentials.emptyText')}
            </Empty>
          ) : (
            <SignIns credentials={credentials} />
          )
        }
      </Loaded>
      <Agents />
    </Page>
  );
}
