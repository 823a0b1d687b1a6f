import type { Person } from '../preload/contract/models.ts';
import { type Permission, rolePermissions, rolesWith } from '../preload/contract/permissions.ts';
import { useCall } from './api.ts';
import { formatList } from './format.ts';
import { t } from './i18n/index.ts';

export function allowed(person: Person | undefined, permission: Permission): boolean {
  return person?.roles.some((role) => rolePermissions[role].includes(permission)) ?? false;
}

export interface Access {
  may(permission: Permission): boolean;
  /** Undefined when allowed; otherwise one sentence that says which role is needed. */
  reason(permission: Permission): string | undefined;
}

/** What the signed-in person may do. The main process decides again on every call; this only spares a refusal. */
export function useAccess(): Access {
  const person = useCall('app.info', {}).data?.person;
  const may = (permission: Permission) => person === undefined || allowed(person, permission);
  return {
    may,
    reason: (permission) =>
      may(permission)
        ? undefined
        : t('access.needsRole', {
            roles: formatList(rolesWith(permission).map((role) => t(`role.${role}`))),
          }),
  };
}
