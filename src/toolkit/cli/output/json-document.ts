// The one way a command prints JSON: the reference's style, so that scripts comparing bytes keep working.

import {goJson} from '../../../foundation/platform/index.ts'

/** A result as a document: objects get `schema_version` in front unless they carry one; arrays and scalars stay bare. */
export function jsonDocument(result: unknown): string {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return goJson(result)
  return goJson('schema_version' in result ? result : {schema_version: 1, ...result})
}
