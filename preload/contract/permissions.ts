/** The roles of the product; one person can hold several. */
export const roles = ['dba', 'project_admin', 'analyst', 'viewer'] as const;
export type Role = (typeof roles)[number];

export const permissions = [
  'view',
  'read_data',
  'query_data',
  'describe_data',
  'authorise_sources',
  'run_syncs',
  'manage_sources',
  'manage_projects',
  'use_connections',
  'manage_database_connections',
  'reveal_secrets',
  'manage_vault',
  'manage_people',
  'read_audit',
] as const;
export type Permission = (typeof permissions)[number];

/** Who may do what, as data. `dispatch` is the only place that decides by it. */
export const rolePermissions: Readonly<Record<Role, readonly Permission[]>> = {
  dba: [
    'view',
    'use_connections',
    'manage_database_connections',
    'reveal_secrets',
    'manage_vault',
    'manage_people',
    'read_audit',
  ],
  project_admin: [
    'view',
    'read_data',
    'query_data',
    'describe_data',
    'authorise_sources',
    'run_syncs',
    'manage_sources',
    'manage_projects',
    'use_connections',
  ],
  analyst: [
    'view',
    'read_data',
    'query_data',
    'describe_data',
    'authorise_sources',
    'run_syncs',
    'use_connections',
  ],
  viewer: ['view'],
};

/** The roles that hold a permission, for the message of a refusal. */
export function rolesWith(permission: Permission): Role[] {
  return roles.filter((role) => rolePermissions[role].includes(permission));
}
