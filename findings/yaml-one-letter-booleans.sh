#!/usr/bin/env bash
# yaml 2.9.1 (npm) with `version: '1.1'` and PyYAML 6.0 both read YAML 1.1, and disagree on its one-letter booleans: for yaml a
# plain y or n, as a value and as a key, is true or false, as the type repository of 1.1 has it; PyYAML leaves both letters texts,
# while it reads yes, no, on, off, 22:22 (sexagesimal) and 0123 (octal) as 1.1 does, like yaml.
# Why it matters: files that people wrote for tools in Python (dbt's profiles.yml, Ansible, Home Assistant) are read elsewhere as
# "YAML 1.1, as Python does": a user, password or schema called y, and a key called n, is changed without a word. Only a schema
# without types (`failsafe`) gives every scalar as it is written.
# Seen: y, n -> true, false (yaml), 'y', 'n' (PyYAML); 22:22 -> 1342 and 0123 -> 83 in both.
# Needs PyYAML: Debian's python3-yaml, or any python3 that has it.
set -euo pipefail
python=$(for each in /usr/bin/python3 python3; do "$each" -c 'import yaml' 2>/dev/null && echo "$each" && break; done || true)
[ -n "$python" ] || { echo 'PyYAML is not installed (python3-yaml)'; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts yaml@2.9.1 >/dev/null
printf 'schema: y\nuser: n\nn: seven\nyes_word: yes\ntime: 22:22\nzeros: 0123\n' > profile.yml
cat > read.cjs <<'JS'
const { readFileSync } = require('node:fs');
const { parse } = require('yaml');
const text = readFileSync('profile.yml', 'utf8');
const shown = (found) => JSON.stringify(found instanceof Map ? [...found] : found);
console.log(shown(parse(text, { version: '1.1', mapAsMap: true })));
console.log(shown(parse(text, { schema: 'failsafe', mapAsMap: true })));
JS
mapfile -t js < <(node read.cjs)
py=$("$python" - <<'PY'
import json, yaml
with open('profile.yml') as file:
    print(json.dumps(list(map(list, yaml.safe_load(file).items())), separators=(',', ':')))
PY
)
echo "yaml, version 1.1: ${js[0]}"
echo "PyYAML:            $py"
echo "yaml, failsafe:    ${js[1]}"
[ "${js[0]}" = '[["schema",true],["user",false],[false,"seven"],["yes_word",true],["time",1342],["zeros",83]]' ]
[ "$py" = '[["schema","y"],["user","n"],["n","seven"],["yes_word",true],["time",1342],["zeros",83]]' ]
[ "${js[1]}" = '[["schema","y"],["user","n"],["n","seven"],["yes_word","yes"],["time","22:22"],["zeros","0123"]]' ]
echo 'as described'
