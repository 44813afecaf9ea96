// The status that a caller sees for the one a daemon reported (the hosted service's mapping).

import {STATUS_CODES} from 'node:http'

/** 1xx becomes 502, an unknown 2xx 200, any other unknown status 502. */
export function callerStatus(code: number): number {
  if (code < 200) return 502
  if (STATUS_CODES[code] !== undefined) return code
  return code < 300 ? 200 : 502
}

/** Statuses that cannot have a body. */
export const isBodiless = (status: number): boolean => status === 204 || status === 205 || status === 304
