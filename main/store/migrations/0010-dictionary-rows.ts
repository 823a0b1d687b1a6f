/**
 * A dictionary is a row per table instead of one text: parsing and writing megabytes at once held everybody up, those who
 * wait for the write lock too. The rows of the next version are written one by one beside the published ones, and
 * publishing only says which version counts. A kept schema has the id of its dataset, so its rows stay where they are.
 */
export const dictionaryRows = `
CREATE TABLE dictionary_tables (
  id          INTEGER PRIMARY KEY,
  -- Of a dataset, or of the kept schema that it became.
  dataset_id  TEXT NOT NULL,
  version     INTEGER NOT NULL,
  position    INTEGER NOT NULL,
  -- A table as JSON. Not checked: only what was just made of an object is written here.
  described   TEXT NOT NULL,
  UNIQUE (dataset_id, version, position)
) STRICT;
INSERT INTO dictionary_tables (dataset_id, version, position, described)
  SELECT d.dataset_id, 1, t.key, t.value FROM dataset_dictionaries d, json_each(d.tables) t;
INSERT INTO dictionary_tables (dataset_id, version, position, described)
  SELECT k.kept_id, 1, t.key, t.value FROM kept_states k, json_each(k.dictionary) t
  WHERE k.dictionary IS NOT NULL AND k.kept_id NOT IN (SELECT dataset_id FROM dataset_dictionaries);

ALTER TABLE dataset_dictionaries ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE dataset_dictionaries DROP COLUMN tables;
-- Null where nothing was published.
ALTER TABLE kept_states ADD COLUMN dictionary_version INTEGER;
UPDATE kept_states SET dictionary_version = 1 WHERE dictionary IS NOT NULL;
ALTER TABLE kept_states DROP COLUMN dictionary;

CREATE TRIGGER dictionary_goes_with_dataset AFTER DELETE ON materialised_datasets
  WHEN NOT EXISTS (SELECT 1 FROM kept_schemas WHERE id = OLD.id)
BEGIN
  DELETE FROM dictionary_tables WHERE dataset_id = OLD.id;
END;
CREATE TRIGGER dictionary_goes_with_kept AFTER DELETE ON kept_schemas
  WHEN NOT EXISTS (SELECT 1 FROM materialised_datasets WHERE id = OLD.id)
BEGIN
  DELETE FROM dictionary_tables WHERE dataset_id = OLD.id;
END;
`;
