/**
 * What `headgate --help` says, and what stands behind a wrong use. It stays English: it is names of commands and switches, to be
 * looked up and searched for, as the manual of every other tool beside it.
 */
export const helpText = (version: string): string => `headgate ${version}

  headgate demo [--forms N] [--cases N] [--seed N] [--keep]
      From nothing to synced tables, with a PostgreSQL and a CommCare HQ of its own.
      --keep leaves both running until Ctrl-C, to work with the same workspace in the window or with an agent.
  headgate sync <project> [<source>] [--take-over REASON]
      Syncs every active source of a project, or one of them, and waits for the end, also of a sync that another Headgate
      runs. --take-over REASON has it here instead; the reason is written to the activity log.
  headgate sign-in <source> [--user NAME] [--project NAME]
      In the browser; with --user by the API key or the password of that user, as the source takes it, which is asked for
      in the terminal, or read from standard input. With --project it is the project's own sign-in.
  headgate search-path <project>
      The search_path of a project, ready to paste. To ask for it counts as use: what is not there is read.
  headgate dictionary <project> [--search TEXT] [--export markdown|json|dbt] [--out FILE]
      How much of its tables and columns is described; what has these words in its question, description or name; or all of
      it, to the output or into a file. dbt is a sources.yml.
  headgate query <project> [<sql>] [--file FILE] [--format table|csv|json|ndjson|xlsx] [--out FILE] [--param VALUE …]
                 [--limit N] [--timeout SECONDS] [--plan]
      One statement that reads, over the tables of a project: checked, and run in a transaction that can't write. Without
      <sql>, or with -, from the input. --param NAME=VALUE is :name in it, a VALUE alone the next of $1, $2 … It is ended
      after --timeout SECONDS, and no later than the connection says. With --out every row goes to FILE, in the format of
      its ending; xlsx, a workbook for Excel, only goes to a file.
  headgate mcp --project NAME [--token-file FILE]
      Serves an agent over its input and output (Model Context Protocol): the tables of one project, to look at and to ask in
      SQL, read-only. Its token is in FILE, which only its owner may read, or in HEADGATE_AGENT_TOKEN.
  headgate mcp --project NAME --http [PORT] [--token-file FILE] [--origin ORIGIN …]
      The same by HTTP on a port of 127.0.0.1 (7420 unless told), for clients that show the token, until Ctrl-C. Pages are
      refused, but for those of this computer that --origin names.
  headgate mcp grant --project NAME [--name NAME] [--refresh] [--days N] | mcp list | mcp revoke ID
      Makes such a token, shown this once; with --refresh it may ask for fresh data too. It ends after 90 days unless told.
  headgate connections [<search>] | connections --deleted
      What is there, how it is and how far its first test came; or what was deleted and can be restored, by
      headgate call connections.restore with its id.
  headgate test [<connection> …]
      Climbs the ladder of each, or of every active one: name, TCP, SSH, TLS, login, database, rights, write.
  headgate import [<kind>] [<file>] [--yes] [--out FILE]
      Shows what would be imported; takes what is new with --yes. Kinds: url pgpass pg_service ssh_config dbeaver pgadmin
      azure_data_studio datagrip dbgate beekeeper dbt snowflake databricks odbc headgate sealed legacy. Without a kind, it is
      seen in the file; without a file, the one in its usual place is read; - is standard input.
      HEADGATE_BUNDLE_PASSPHRASE opens a sealed one; --out writes a legacy file anew, without its credentials.
  headgate export [<connection> …] [--project NAME …] [--out FILE]
      Connections, and projects with their sources and links, without secrets; all connections where nothing is named.
  headgate seal [<connection> …] [--project NAME …] [--sign-ins] [--for KEY] --reason TEXT [--out FILE]
      The same with secrets, sealed to the public key of another Headgate, or to HEADGATE_BUNDLE_PASSPHRASE, which is asked
      for otherwise. With --sign-ins the projects' own sign-ins go along, and are shared from then on.
  headgate vault slots | add-slot KIND [--file FILE] | remove-slot ID
      The ways in which the vault opens: keychain, passphrase, key_file, and recovery, a key that is shown once.
  headgate vault unlock [--recovery] [--protect KIND [--file FILE]]
      Tries to open it with what is here, a passphrase or the recovery key, and sets a new protection. Secrets are asked for
      in the terminal, or read from standard input, one a line.
  headgate proxy [system|environment|none|ADDRESS [--user NAME] [--except LIST]]
      Over what sources are reached: what this computer says, its environment alone, nothing, or an HTTP proxy at an address.
      Its password is asked for in the terminal, or read from standard input; LIST is like NO_PROXY.
  headgate inbox [--all] [--read]
      What needs you, and since when; with --all what is over too. --read marks everything as read.
  headgate audit verify [--file FILE] | audit export [csv|json]
      Whether the log is as it was written; the log itself, with the hashes that chain it. With --file whether an exported
      file (JSON) is, and whether it is of this log.
  headgate audit trim --before DATE --file FILE
      Writes all entries of before a day to a new file, and then removes them from the log, which goes on from an anchor.
  headgate diagnostics
      What somebody who helps has to know, as JSON: versions, states, recent jobs, the end of the log; no secrets.
  headgate call <channel> [<json>]
      Any call of the contract, e.g. headgate call connections.list
  headgate serve [--health PORT]
      Owns the workspace and keeps its timetable without a window, until it is ended. SIGTERM and Ctrl-C pause what runs and
      end it, a second one ends it at once; SIGHUP reads the policy files again and does what is due. --health answers
      monitoring on a port of 127.0.0.1; the token it must show is in health.token in the workspace.
  headgate health
      Whether the Headgate that owns the workspace looks after it; without signing in.

  --json          results as JSON, one object a line
  --data FOLDER   the workspace (default: HEADGATE_DATA, else the folder for application data)
  --as NAME       the profile to sign in with (default: HEADGATE_PERSON)
  --language L    what is said in: en fr es pt hi (default: LC_ALL, LC_MESSAGES, LANG); JSON, codes and this text stay

  Once people of a workspace have passphrases, every command signs in: its passphrase is taken from
  HEADGATE_PERSON_PASSPHRASE, or asked for in a terminal. For scheduled syncs make a profile with the role analyst.

  Where the window or headgate serve has the workspace open, commands work through it, with rights of their own.
  The vault's key is kept in the OS keyring. Without one: HEADGATE_KEY_FILE names a key file, HEADGATE_PASSPHRASE
  holds a passphrase.
  Exit codes: 0 done, for a sync: published · 1 defect · 2 usage · 3 to set right · 4 not allowed · 5 worth another try
      6 held for review · 7 paused · 8 not over: another process goes on with it · 130 cancelled
`;
