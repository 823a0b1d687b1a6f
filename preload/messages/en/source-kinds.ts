/** Sentences of source-kinds. */
export const sourceKinds = {
  'source.commcare.option.app_id': 'Applications',
  'source.commcare.option.app_id.help': 'Only submissions of these applications.',
  'source.commcare.option.xmlns': 'Forms',
  'source.commcare.option.xmlns.help': 'Only submissions of these forms.',
  'source.commcare.option.received_from': 'Received from',
  'source.commcare.option.received_from.help':
    'Only submissions that reached CommCare HQ on this day (UTC) or later.',
  'source.commcare.option.received_to': 'Received until',
  'source.commcare.option.received_to.help':
    'Only submissions that reached CommCare HQ on this day (UTC) or earlier.',
  'source.commcare.option.include_archived': 'Archived submissions too',
  'source.commcare.option.include_archived.help':
    'Archived submissions are left out otherwise; the column “archived” tells them apart.',
  'source.commcare.option.case_type': 'Case types',
  'source.commcare.option.case_type.help': 'Only cases of these types.',
  'source.commcare.option.modified_from': 'Modified from',
  'source.commcare.option.modified_from.help':
    'Only cases whose last change reached CommCare HQ on this day (UTC) or later.',
  'source.commcare.option.modified_to': 'Modified until',
  'source.commcare.option.modified_to.help':
    'Only cases whose last change reached CommCare HQ on this day (UTC) or earlier.',
  'source.commcare.option.keep_blanks': 'Keep blank answers apart',
  'source.commcare.option.keep_blanks.help':
    'A question that was asked and left blank is an empty text instead of NULL, where its column is text, and is listed in the column “left_blank”. Without it, it is NULL like one that was not asked.',
  'source.commcare.option.language': 'Language of labels',
  'source.commcare.option.language.help':
    'The language, such as “en” or “fra”, that questions are described in; where it is missing, the application’s first.',
  'source.commcare.dataset.forms': 'Forms',
  'source.commcare.dataset.forms.help':
    'Every submission: one table for all, one per form with its questions, one per repeat group.',
  'source.commcare.dataset.cases': 'Cases',
  'source.commcare.dataset.cases.help':
    'Every case: one table for all, one per case type with its properties. CommCare HQ’s list of cases leaves out who opened and closed a case, its forms, and properties of your own that are called as one of its columns, such as “closed_on” or “last_modified”.',
  'source.commcare.dataset.users': 'Mobile workers',
  'source.commcare.dataset.users.help': 'Everybody who submits forms, also those who are deactivated.',
  'source.commcare.dataset.web_users': 'Web users',
  'source.commcare.dataset.web_users.help':
    'Everybody who signs in to CommCare HQ, with role and permissions.',
  'source.commcare.dataset.groups': 'Groups',
  'source.commcare.dataset.groups.help': 'Groups of mobile workers, with the ids of their members.',
  'source.commcare.dataset.locations': 'Locations',
  'source.commcare.dataset.locations.help':
    'The organisation: every location with its parent, place and data.',
  'source.commcare.dataset.location_types': 'Location types',
  'source.commcare.dataset.location_types.help': 'The levels of the organisation.',
  'source.commcare.dataset.applications': 'Applications',
  'source.commcare.dataset.applications.help':
    'Applications with their modules, forms, questions and choices.',
  'source.commcare.dataset.lookup_tables': 'Lookup tables',
  'source.commcare.dataset.lookup_tables.help': 'What lookup tables there are, and their fields.',
  'source.commcare.dataset.lookup_rows': 'Lookup rows',
  'source.commcare.dataset.lookup_rows.help':
    'The rows of all lookup tables: one table for all, one per lookup table with its fields.',
  'source.commcare.dataset.form_attachments': 'Form attachments',
  'source.commcare.dataset.form_attachments.help':
    'What was handed in with forms: name, type, size and address of every file. Reads all forms once more.',
  'source.commcare_connect.option.opportunities': 'Opportunities',
  'source.commcare_connect.option.opportunities.help':
    'Ids of the opportunities to read. Empty for all of them.',
  'source.commcare_connect.option.keep_blanks': 'Keep blank answers apart',
  'source.commcare_connect.option.keep_blanks.help':
    'A question that was asked and left blank is an empty text instead of NULL, where its column is text, and is listed in the column “left_blank”. Without it, it is NULL like one that was not asked.',
  'source.commcare_connect.dataset.opportunities': 'Opportunities',
  'source.commcare_connect.dataset.opportunities.help': 'Every opportunity with its apps, dates and budget.',
  'source.commcare_connect.dataset.organizations': 'Organisations',
  'source.commcare_connect.dataset.organizations.help': 'The organisations that this account belongs to.',
  'source.commcare_connect.dataset.programs': 'Programs',
  'source.commcare_connect.dataset.programs.help': 'The programs of these organisations.',
  'source.commcare_connect.dataset.user_data': 'Workers',
  'source.commcare_connect.dataset.user_data.help':
    'Everybody who was invited to an opportunity, and how far they got.',
  'source.commcare_connect.dataset.user_visits': 'User visits',
  'source.commcare_connect.dataset.user_visits.help':
    'Every visit: one table for all, one per form with its questions, one per repeat group. Answers are those that were sent first, also where the form was edited later. A form that counted as several visits has its answers in each of them: count forms by form_id, or sums are too large.',
  'source.commcare_connect.dataset.completed_works': 'Completed works',
  'source.commcare_connect.dataset.completed_works.help':
    'Units of work that are paid for, with their status.',
  'source.commcare_connect.dataset.payments': 'Payments',
  'source.commcare_connect.dataset.payments.help': 'Payments to workers and organisations.',
  'source.commcare_connect.dataset.invoices': 'Invoices',
  'source.commcare_connect.dataset.invoices.help': 'Invoices of the opportunities.',
  'source.commcare_connect.dataset.assessments': 'Assessments',
  'source.commcare_connect.dataset.assessments.help': 'Results of the tests in the learning app.',
  'source.commcare_connect.dataset.completed_modules': 'Completed modules',
  'source.commcare_connect.dataset.completed_modules.help': 'Learning modules that were finished.',
  'source.commcare_connect.dataset.task_types': 'Task types',
  'source.commcare_connect.dataset.task_types.help': 'Kinds of tasks that can be given.',
  'source.commcare_connect.dataset.assigned_tasks': 'Assigned tasks',
  'source.commcare_connect.dataset.assigned_tasks.help': 'Tasks that were given to workers.',
  'source.commcare_connect.dataset.audit_reports': 'Audit reports',
  'source.commcare_connect.dataset.audit_reports.help': 'Audits of visits.',
  'source.commcare_connect.dataset.audit_report_entries': 'Audit report entries',
  'source.commcare_connect.dataset.audit_report_entries.help': 'What was found in each audit.',
  'source.commcare_connect.dataset.work_area_groups': 'Work area groups',
  'source.commcare_connect.dataset.work_area_groups.help': 'Groups of areas that workers cover.',
  'source.commcare_connect.dataset.work_areas': 'Work areas',
  'source.commcare_connect.dataset.work_areas.help': 'Areas that workers cover.',
  'source.commcare_connect.dataset.llo_entities': 'LLO entities',
  'source.commcare_connect.dataset.llo_entities.help':
    'Locally led organisations. Only accounts of the makers of CommCare Connect may read them.',
  'source.commcare_connect.dataset.labs_records': 'Labs records',
  'source.commcare_connect.dataset.labs_records.help': 'What experiments keep beside the visits.',
  'tables.schema': 'Schema',
  'tables.schema.noun': 'schema',
  'tables.schema.help':
    'The schema whose tables are read. MySQL and ClickHouse call it a database, BigQuery a dataset.',
  'tables.noSchema': 'This connection sees no schema {schema}.',
  'tables.noSchema.advice':
    'Choose the schema again in Sources, or ask whoever runs the database to let the connection’s user read it.',
  'tables.noSchema.cut':
    'The database has more tables than can be listed: let the connection’s user see fewer of them.',
  'tables.tableGone':
    'The schema {schema} has no table {tables} any more, or does not show it to this connection.',
  'tables.tableGone.advice':
    'Take it out of the link, or ask whoever runs the database whether it was renamed or dropped.',
  'tables.sourceTrouble': 'The database that is read, {place}, failed: {why}',
  'tables.cutOff': 'Reading of {table} was cut off, and its rows have no key to go on by.',
  'tables.readingFailed': 'Reading {table} from {place} failed: {why}',
} as const;
