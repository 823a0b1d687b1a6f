/** Sentences of imports. */
export const imports = {
  'imports.jsonNoDatasourceConnections':
    'This JSON has no “datasource.connections” or “pgsql.connections”, so it is no settings.json with connections.',
  'imports.fileCredentialsCanNot': 'The file of credentials can not be opened.',
  'imports.fileCredentialsCanNot.advice':
    'If DBeaver asks for a master password, its passwords can not be imported: leave that file out.',
  'imports.jsonNoConnectionsSo': 'This JSON has no “connections”, so it is no data-sources.json of DBeaver.',
  'imports.jsonNestedTooDeeply': 'This JSON is nested too deeply.',
  'imports.notJsonSomethingWrong': 'This is not JSON: something is wrong in line {line}.',
  'imports.noListProjectsJson': 'There is no list of projects in this JSON.',
  'imports.csvColumnTwiceLeave': 'This CSV has the column “{twice}” twice; leave one of them out.',
  'imports.csvNoColumnName': 'This CSV has no column “name”, so it is no list of projects.',
  'imports.noExportConnectionsFrom': 'This is no export of connections from Headgate.',
  'imports.exportMadeNewerHeadgate': 'This export was made by a newer Headgate.',
  'imports.exportMadeNewerHeadgate.advice': 'Update this one; nothing was changed.',
  'imports.noTextUtf8': 'This is no text in UTF-8.',
  'imports.noTextUtf8.advice':
    'Save it as UTF-8 (Windows PowerShell writes UTF-16 unless told otherwise) and choose it again.',
  'imports.jsonNoServersSo': 'This JSON has no “Servers”, so it is no export of pgAdmin.',
  'imports.noConfigurationOpensshSomething':
    'This is no configuration of OpenSSH: something is wrong in line {number}.',
  'imports.noConnectionUrlText': 'There is no connection URL in this text.',
  'imports.notCsv': 'This is not CSV with a header line.',
  'imports.notCsvLine': 'This is not CSV with a header line: something is wrong in line {line}.',
  'imports.tooLong': 'This text is longer than {most} characters, and no list of connections of its kind.',
  'imports.noEntries': 'There is no connection in this file.',
  'imports.notYaml': 'This is not YAML: something is wrong in line {line}.',
  'imports.yamlTwice': 'This YAML has a key twice, in line {line}; leave one of them out.',
  'imports.yamlOddKey': 'This YAML has a key that is no text; a template needs quotation marks around it.',
  'imports.yamlAliases': 'This YAML refers to itself too often.',
  'imports.notToml': 'This is not TOML, or has a key twice: something is wrong in line {line}.',
  'imports.noSections': 'There is no [section] in this file.',
  'imports.notXml': 'This is not XML that can be read here: something is wrong in line {line}.',
  'imports.noDataGrip': 'There is no data source of DataGrip in this text.',
  'imports.noDbGate': 'There is no connection of DBGate in this text: a line of connections.jsonl is one.',
  'imports.noSqlite': 'This is not the database of Beekeeper Studio, or it is broken.',
} as const;
