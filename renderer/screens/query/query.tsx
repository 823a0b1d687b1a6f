import type { Dataset, Project } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { Note } from '../../components/error-notice.tsx';
import { SelectField } from '../../components/fields.tsx';
import { Empty, Loaded, Page } from '../../components/page.tsx';
import { t } from '../../i18n/index.ts';
import { go, href, type Route } from '../../router.ts';
import { Workbench } from './workbench.tsx';

/** `#/query/<project>`: asking in SQL what a project has. */
export function Query({ route }: { route: Route }) {
  const projects = useCall('projects.list', {});
  return (
    <Page title={t('query.title')} lead={t('query.lead')} wide>
      <Loaded call={projects}>
        {(list) => {
          const chosen = list.find(({ id }) => id === route.parts[1]) ?? list[0];
          return chosen ? (
            <OfProject project={chosen} projects={list} />
          ) : (
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
        }}
      </Loaded>
    </Page>
  );
}

interface OfProjectProps {
  readonly project: Project;
  readonly projects: readonly Project[];
}

function OfProject({ project, projects }: OfProjectProps) {
  const datasets = useCall('datasets.list', {});
  const person = useCall('app.info', {}).data?.person;
  const policy = useCall('policy.get', {});
  // A policy that can't be read now may be one that keeps values out.
  const keepsTexts = policy.data?.queryLiterals === 'keep';
  const isKnown = policy.data !== undefined || policy.error !== undefined;
  const mine = (datasets.data ?? none).filter(({ projectId }) => projectId === project.id);
  const isEmpty = datasets.data !== undefined && mine.every(({ dataAsOf }) => dataAsOf === null);
  return (
    <>
      {projects.length > 1 && (
        <div className="query-project">
          <SelectField
            label={t('query.project')}
            value={project.id}
            onChange={(id) => go(href('query', id))}
            options={projects.map(({ id, name }) => ({ value: id, label: name }))}
          />
        </div>
      )}
      {isEmpty && (
        <Note tone="info">
          <p className="notice-title">{t('query.nothingSynced')}</p>
          <p>
            {t('query.nothingSyncedText')} <a href={href('runs')}>{t('query.toSync')}</a>
          </p>
        </Note>
      )}
      {person && isKnown && (
        <Workbench
          key={`${person.id} ${project.id} ${keepsTexts}`}
          keepsTexts={keepsTexts}
          personId={person.id}
          project={project}
          datasets={mine}
        />
      )}
    </>
  );
}
const none: readonly Dataset[] = [];
