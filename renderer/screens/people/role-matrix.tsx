import { permissions, rolePermissions, roles } from '../../../preload/contract/permissions.ts';
import { Icon } from '../../components/icons.tsx';
import { t } from '../../i18n/index.ts';

/** What each role may do, straight from the data that the core decides by. */
export function RoleMatrix() {
  return (
    <div className="table-wrap">
      <table className="table matrix">
        <caption className="visually-hidden">{t('people.matrix')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('people.may')}</th>
            {roles.map((role) => (
              <th scope="col" key={role}>
                {t(`role.${role}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {permissions.map((permission) => (
            <tr key={permission}>
              <th scope="row">{t(`permission.${permission}`)}</th>
              {roles.map((role) => {
                const may = rolePermissions[role].includes(permission);
                return (
                  <td key={role} className={may ? 'matrix-yes' : 'matrix-no'}>
                    <span aria-hidden="true">{may ? <Icon name="check" /> : t('state.none')}</span>
                    <span className="visually-hidden">{t(may ? 'people.yes' : 'people.no')}</span>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
