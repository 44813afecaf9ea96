// Protected-resource metadata as the upstream has it, with `resource` naming the tunnel's URL: clients compare the two.

import {isObjectAt, JsonScanError, memberOf, soleValue} from '../../../foundation/wire/index.ts'

/** The document with `resource` replaced or added; every other byte stays. Null when it is no JSON object. */
export function withResource(document: Buffer, resource: string): Buffer | null {
  try {
    const span = soleValue(document)
    if (!isObjectAt(document, span.start)) return null
    const value = Buffer.from(JSON.stringify(resource))
    const found = memberOf(document, span, 'resource')
    if (found) return Buffer.concat([document.subarray(0, found.start), value, document.subarray(found.end)])
    const isEmpty = Object.keys(JSON.parse(document.toString('utf8')) as object).length === 0
    const member = Buffer.concat([Buffer.from('"resource":'), value, Buffer.from(isEmpty ? '' : ',')])
    const after = span.start + 1
    return Buffer.concat([document.subarray(0, after), member, document.subarray(after)])
  } catch (thrown) {
    if (thrown instanceof JsonScanError || thrown instanceof SyntaxError) return null
    throw thrown
  }
}
