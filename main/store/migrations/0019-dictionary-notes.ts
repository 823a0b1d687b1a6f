/**
 * What people say about tables and columns, and what is looked through for words. Notes are kept by what the source calls a
 * thing, for every dataset of a project and a source: they outlive refreshes, other names and the tables themselves.
 */
export const dictionaryNotes = `
CREATE TABLE dictionary_notes (
  project_id     TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  data_source_id TEXT NOT NULL REFERENCES data_sources (id) ON DELETE CASCADE,
  -- Where the table comes from, as a dictionary has it.
  table_id       TEXT NOT NULL,
  -- The path of the element in the source's record; empty for the table, a space and the name where there is no path.
  element        TEXT NOT NULL,
  description    TEXT CHECK (description <> ''),
  sensitivity    TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(sensitivity)),
  declined       TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(declined)),
  -- Digests of descriptions that may stand in databases as comments.
  told           TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(told)),
  described_by   TEXT REFERENCES people (id) ON DELETE SET NULL,
  updated_at     TEXT NOT NULL,
  PRIMARY KEY (project_id, data_source_id, table_id, element)
) STRICT, WITHOUT ROWID;
CREATE INDEX dictionary_notes_source ON dictionary_notes (data_source_id);
CREATE INDEX dictionary_notes_person ON dictionary_notes (described_by);

-- One row per column, and one per table with an empty column name, as it is looked through and shown.
CREATE TABLE dictionary_words (
  id          INTEGER PRIMARY KEY,
  dataset_id  TEXT NOT NULL REFERENCES materialised_datasets (id) ON DELETE CASCADE,
  table_id    TEXT NOT NULL,
  table_name  TEXT NOT NULL,
  column_name TEXT NOT NULL,
  question    TEXT NOT NULL,
  note        TEXT NOT NULL,
  name        TEXT NOT NULL,
  rest        TEXT NOT NULL,
  type        TEXT,
  path        TEXT
) STRICT;
CREATE INDEX dictionary_words_table ON dictionary_words (dataset_id, table_id);
-- What the rows of a table were made from, or who is at it now; a table that is the same is not written again.
CREATE TABLE dictionary_indexed (
  dataset_id  TEXT NOT NULL REFERENCES materialised_datasets (id) ON DELETE CASCADE,
  table_id    TEXT NOT NULL,
  digest      TEXT NOT NULL,
  PRIMARY KEY (dataset_id, table_id)
) STRICT, WITHOUT ROWID;
-- Which version of a dictionary is in it; no row where something else was said since.
CREATE TABLE dictionary_index_states (
  dataset_id  TEXT PRIMARY KEY REFERENCES materialised_datasets (id) ON DELETE CASCADE,
  state       TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE dictionary_search USING fts5 (question, note, name, rest,
  content = 'dictionary_words', content_rowid = 'id', tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'");
-- What is taken out of it is gone from the file, and not only marked.
INSERT INTO dictionary_search (dictionary_search, rank) VALUES ('secure-delete', 1);
-- No writer merges more than is its share: whoever writes a row must not wait for all of the index.
INSERT INTO dictionary_search (dictionary_search, rank) VALUES ('crisismerge', 1000);
CREATE TRIGGER dictionary_words_added AFTER INSERT ON dictionary_words BEGIN
  INSERT INTO dictionary_search (rowid, question, note, name, rest) VALUES (NEW.id, NEW.question, NEW.note, NEW.name, NEW.rest);
END;
CREATE TRIGGER dictionary_words_gone AFTER DELETE ON dictionary_words BEGIN
  INSERT INTO dictionary_search (dictionary_search, rowid, question, note, name, rest)
    VALUES ('delete', OLD.id, OLD.question, OLD.note, OLD.name, OLD.rest);
END;
`;
