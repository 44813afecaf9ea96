// Our own words for what the YAML parser finds: its own messages may quote the file, and the file may hold a secret.

import type {ErrorCode} from 'yaml'

const TEXTS: Partial<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias cannot have an anchor or a tag',
  BAD_COLLECTION_TYPE: 'this tag does not fit the value',
  BAD_ALIAS: 'this alias is malformed',
  BAD_DIRECTIVE: 'this directive is not known',
  BAD_DQ_ESCAPE: 'this escape is not known in double quotes',
  BAD_INDENT: 'the indentation does not fit',
  BAD_PROP_ORDER: 'anchors and tags belong before the value',
  BAD_SCALAR_START: 'this character cannot start a value; put the value in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'mapping values are not allowed here; put a value that contains ": " in quotes',
  BLOCK_IN_FLOW: 'block values are not allowed between brackets',
  IMPOSSIBLE: 'this cannot be understood',
  KEY_OVER_1024_CHARS: 'this key is longer than 1024 characters',
  MISSING_CHAR: 'a quote, a bracket, a blank or a line break is missing',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line; is a colon missing?',
  MULTIPLE_ANCHORS: 'a value can have one anchor',
  MULTIPLE_TAGS: 'a value can have one tag',
  RESOURCE_EXHAUSTION: 'this is nested too deep',
  TAB_AS_INDENT: 'tabs are not allowed as indentation',
  TAG_RESOLVE_FAILED: 'this tag is not known',
  UNEXPECTED_TOKEN: 'this was not expected here',
}

/** Words a syntax error of the `yaml` package. */
export function syntaxText(code: ErrorCode): string {
  return TEXTS[code] ?? 'this cannot be understood'
}
