/*
 * Kinds of nodes that a statement may be made of. The parser prints a node that may be of several kinds as an object of one
 * key, its kind; one that can only be of one kind stands bare in its field. What is in neither list is refused: a later
 * grammar may know things that nobody has looked at.
 */

/** Kinds that may stand anywhere in a statement that reads. */
export const knownKinds: ReadonlySet<string> = new Set([
  ...['SelectStmt', 'ResTarget', 'ColumnRef', 'A_Star', 'A_Const', 'String', 'Integer', 'Float', 'Boolean'],
  ...['BitString', 'A_Expr', 'BoolExpr', 'NullTest', 'BooleanTest', 'FuncCall', 'NamedArgExpr', 'TypeCast'],
  ...['CollateClause', 'SubLink', 'CaseExpr', 'CaseWhen', 'CoalesceExpr', 'MinMaxExpr', 'SQLValueFunction'],
  ...['XmlExpr', 'XmlSerialize', 'RangeVar', 'RangeSubselect', 'RangeFunction', 'RangeTableSample'],
  ...[
    'RangeTableFunc',
    'RangeTableFuncCol',
    'JoinExpr',
    'SortBy',
    'WindowDef',
    'GroupingSet',
    'GroupingFunc',
  ],
  ...[
    'CommonTableExpr',
    'A_ArrayExpr',
    'A_Indices',
    'A_Indirection',
    'ParamRef',
    'List',
    'RowExpr',
    'TypeName',
  ],
  ...['ColumnDef', 'JsonTable', 'JsonTableColumn', 'JsonTablePathSpec', 'JsonFuncExpr', 'JsonOutput'],
  ...['JsonArgument', 'JsonValueExpr', 'JsonBehavior', 'JsonObjectConstructor', 'JsonArrayConstructor'],
  ...['JsonArrayQueryConstructor', 'JsonObjectAgg', 'JsonArrayAgg', 'JsonKeyValue', 'JsonParseExpr'],
  ...['JsonScalarExpr', 'JsonSerializeExpr', 'JsonIsPredicate', 'JsonFormat', 'JsonReturning'],
]);

/** What stands bare in a field is of this kind. */
export const kindsOfFields: Readonly<Record<string, string>> = {
  larg: 'SelectStmt',
  rarg: 'SelectStmt',
  withClause: 'WithClause',
  alias: 'Alias',
  typeName: 'TypeName',
  over: 'WindowDef',
  collClause: 'CollateClause',
  search_clause: 'CTESearchClause',
  cycle_clause: 'CTECycleClause',
  context_item: 'JsonValueExpr',
  pathspec: 'JsonTablePathSpec',
  output: 'JsonOutput',
  format: 'JsonFormat',
  returning: 'JsonReturning',
  on_empty: 'JsonBehavior',
  on_error: 'JsonBehavior',
  constructor: 'JsonAggConstructor',
  val: 'JsonValueExpr',
  value: 'JsonValueExpr',
  expr: 'JsonValueExpr',
  join_using_alias: 'Alias',
  arg: 'JsonValueExpr',
  // Of a constant.
  ival: 'Integer',
  fval: 'Float',
  boolval: 'Boolean',
  sval: 'String',
  bsval: 'BitString',
};
