import type { Connection, Usage } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { Card, Loaded } from '../../components/page.tsx';
import { Time } from '../../components/time.tsx';
import { formatNumber } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { href, hrefShowing } from '../../router.ts';

/** Which projects use it, and who else signs in alike: what one wants to know before changing it. */
export function WhereUsed({ connection }: { connection: Connection }) {
  const usage = useCall('connections.usage', { id: connection.id });
  return (
    <Card title={t('usage.title')}>
      <Loaded call={usage} rows={2}>
        {(data) => (
          <div className="stack-tight">
            {data.projects.length === 0 ? (
              <p className="muted">{t('usage.none')}</p>
            ) : (
              <Projects projects={data.projects} />
            )}
            {data.sources.length > 0 && (
              <>
                <h3>{t('usage.sources')}</h3>
                <ul className="plain-list">
                  {data.sources.map((each) => (
                    <li key={each.id}>
                      <a href={hrefShowing(each.id, 'sources')}>{each.name}</a>
                    </li>
                  ))}
                </ul>
              </>
            )}
            {data.sameLogin.length > 0 && (
              <>
                <h3>{t('usage.sameLogin')}</h3>
                <ul className="plain-list">
                  {data.sameLogin.map((each) => (
                    <li key={each.id}>
                      <a href={href('connections', each.id)}>{each.name}</a>
                    </li>
                  ))}
                </ul>
              </>
            )}
            {data.leases > 0 && (
              <p>
                {t('usage.leases', { count: data.leases })}{' '}
                <a href={`${href('connections', connection.id)}?tab=leases`}>{t('usage.openLeases')}</a>
              </p>
            )}
          </div>
        )}
      </Loaded>
    </Card>
  );
}

export function Projects({ projects }: { projects: Usage['projects'] }) {
  return (
    <div className="table-wrap">
      <table className="table table-stack" aria-label={t('usage.title')}>
        <thead>
          <tr>
            <th scope="col">{t('usage.project')}</th>
            <th scope="col" className="cell-number">
              {t('usage.links')}
            </th>
            <th scope="col" className="cell-number">
              {t('usage.datasets')}
            </th>
            <th scope="col">{t('usage.lastSync')}</th>
          </tr>
        </thead>
        <tbody>
          {projects.map((project) => (
            <tr key={project.id}>
              <th scope="row" className="cell-name">
                <a href={href('projects', project.id)}>{project.name}</a>
              </th>
              <td data-label={t('usage.links')} className="cell-number">
                {formatNumber(project.links)}
              </td>
              <td data-label={t('usage.datasets')} className="cell-number">
                {formatNumber(project.datasets)}
              </td>
              <td data-label={t('usage.lastSync')}>
                {project.lastSync === null ? t('usage.never') : <Time at={project.lastSync} />}
                {project.running > 0 && (
                  <span className="cell-note">{t('usage.running', { count: project.running })}</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
