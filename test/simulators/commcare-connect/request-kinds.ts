/** Lists of an opportunity that are paged by the integer primary key, as they stand in the path. */
export const OPPORTUNITY_LISTS = [
  'user_data',
  'user_visits',
  'completed_works',
  'payment',
  'invoice',
  'assessment',
  'completed_module',
  'task_types',
  'assigned_tasks',
  'audit_reports',
  'audit_report_entries',
  'work_area_groups',
  'work_areas',
] as const;

/** Lists that only version 2.0 knows; asked for in version 1.0 they answer 406. */
export const V2_ONLY: ReadonlySet<string> = new Set([
  'task_types',
  'assigned_tasks',
  'audit_reports',
  'audit_report_entries',
  'work_area_groups',
  'work_areas',
  'llo_entity',
]);

/** What requests are counted and matched as. */
export const REQUEST_KINDS = [
  ...OPPORTUNITY_LISTS,
  'opp_org_program_list',
  'opportunity',
  'program_opportunity',
  'organization_program',
  'llo_entity',
  'labs_record',
  'image',
  'attachment_signed_url',
  'app_structure',
  'userinfo',
  'authorize',
  'token',
  'revoke',
  'other',
] as const;

export type RequestKind = (typeof REQUEST_KINDS)[number];
/** Everything that has rows. */
export type ListName = (typeof OPPORTUNITY_LISTS)[number] | 'llo_entity' | 'labs_record';
