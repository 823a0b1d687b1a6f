import { useMemo } from 'react';
import { engineTraits } from '../../../preload/contract/engines.ts';
import type { Connection, Dataset, Project } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { SelectField } from '../../components/fields.tsx';
import { Empty, Loaded, Page } from '../../components/page.tsx';
import { t } from '../../i18n/index.ts';
import { go, href, type Route } from '../../router.ts';
import { useKnownStructure, useKnownTables } from './editor/known.ts';
import type { Dialect } from './place.ts';
import { Workbench } from './workbench.tsx';

/** Connections that are offered beside the projects; one that is not among them is opened from its own page. */
const mostOffered = 200;

/** `#/query/<project>` or `#/query/<connection>`: asking in SQL what a project, or a database of another kind, has. */
export function Query({ route }: { route: Route }) {
  const projects = useCall('projects.list', {});
  const there = useCall('connections.list', { state: 'active', lands: false, limit: mostOffered });
  const connections = (there.data?.items ?? noConnections).filter(({ may }) => may !== 'see');
  return (
    <Page title={t('query.title')} lead={t('query.lead')} wide>
      <Loaded call={projects}>
        {(list) => {
          const id = route.parts[1];
          const connection = connections.find((each) => each.id === id);
          // Not known yet whether it is one of those.
          if (id !== undefined && !connection && there.data === undefined && !there.error) return null;
          const project = connection ? undefined : (list.find((each) => each.id === id) ?? list[0]);
          const asked = connection ?? project ?? connections[0];
          if (!asked)
            return (
              <Empty
                icon="query"
                title={t('query.noProjectTitle')}
                action={
                  <a className="button button-primary" href={href('projects')}>
                    {t('query.toProjects')}
                  </a>
                }
              >
                {t('query.noProjectText')}
              </Empty>
            );
          return (
            <>
              <Places chosen={asked.id} projects={list} connections={connections} />
              {project ? (
                <OfProject project={project} />
              ) : (
                <OfConnection connection={connection ?? (asked as Connection)} />
              )}
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

interface PlacesProps {
  readonly chosen: string;
  readonly projects: readonly Project[];
  readonly connections: readonly Connection[];
}

/** What can be asked; nothing to choose from is not shown. */
function Places({ chosen, projects, connections }: PlacesProps) {
  if (projects.length + connections.length < 2) return null;
  return (
    <div className="query-project">
      <SelectField
        label={t(connections.length === 0 ? 'query.project' : 'query.askedIn')}
        value={chosen}
        onChange={(id) => go(href('query', id))}
        options={[
          ...projects.map(({ id, name }) => ({ value: id, label: name })),
          ...connections.map(({ id, name, engine }) => ({
            value: id,
            label: t('query.placeConnection', { name, engine: engineTraits[engine].title }),
          })),
        ]}
      />
    </div>
  );
}

/** What the policy says of texts, and who asks; undefined until it is known. */
function useAsker(): { readonly personId: string; readonly keepsTexts: boolean } | undefined {
  const person = useCall('app.info', {}).data?.person;
  const policy = useCall('policy.get', {});
  // A policy that can't be read now may be one that keeps values out.
  const keepsTexts = policy.data?.queryLiterals === 'keep';
  const isKnown = policy.data !== undefined || policy.error !== undefined;
  return person && isKnown ? { personId: person.id, keepsTexts } : undefined;
}

function OfProject({ project }: { readonly project: Project }) {
  const datasets = useCall('datasets.list', {});
  const asker = useAsker();
  const mine = (datasets.data ?? none).filter(({ projectId }) => projectId === project.id);
  const tables = useKnownTables(mine);
  const place = useMemo(() => ({ projectId: project.id }), [project.id]);
  const isEmpty = datasets.data !== undefined && mine.every(({ dataAsOf }) => dataAsOf === null);
  return (
    <>
      {isEmpty && (
        <Note tone="info">
          <p className="notice-title">{t('query.nothingSynced')}</p>
          <p>
            {t('query.nothingSyncedText')} <a href={href('runs')}>{t('query.toSync')}</a>
          </p>
        </Note>
      )}
      {asker && (
        <Workbench
          key={`${asker.personId} ${project.id} ${asker.keepsTexts}`}
          {...asker}
          place={place}
          dialect={ofProject}
          tables={tables}
        />
      )}
    </>
  );
}

/** A database of another kind, asked in SQL of its own as the connection's user. */
function OfConnection({ connection }: { readonly connection: Connection }) {
  const asker = useAsker();
  const { tables, error } = useKnownStructure(connection.id);
  const place = useMemo(() => ({ connectionId: connection.id }), [connection.id]);
  const { title, quote, asking } = engineTraits[connection.engine];
  const dialect = useMemo((): Dialect => ({ quote, isProject: false }), [quote]);
  return (
    <>
      <p className="cell-note">
        {t('query.ofConnection', { engine: title })} {asking !== 'free' && t('query.billed')}
      </p>
      {error && <ErrorNotice error={error} />}
      {asker && (
        <Workbench
          key={`${asker.personId} ${connection.id} ${asker.keepsTexts}`}
          {...asker}
          place={place}
          dialect={dialect}
          tables={tables}
        />
      )}
    </>
  );
}

const ofProject: Dialect = { quote: '"', isProject: true };
const none: readonly Dataset[] = [];
const noConnections: readonly Connection[] = [];
