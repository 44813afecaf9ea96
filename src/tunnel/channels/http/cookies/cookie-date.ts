// The dates of cookies: servers write them in many ways, and RFC 6265 §5.1.1 says how each is read. `Date.parse` would take a
// date without a zone as local time.

const DELIMITERS = /[\t\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+/
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** Milliseconds since the epoch, or null when it is no date. */
export function cookieDate(text: string): number | null {
  let time: readonly number[] | null = null
  let day: number | null = null
  let month: number | null = null
  let year: number | null = null
  for (const token of text.split(DELIMITERS)) {
    const clock = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?!\d)/.exec(token)
    const number = Number(/^\d{1,4}(?!\d)/.exec(token)?.[0] ?? Number.NaN)
    const named = MONTHS.indexOf(token.slice(0, 3).toLowerCase())
    if (time === null && clock !== null) time = clock.slice(1).map(Number)
    else if (day === null && /^\d{1,2}(?!\d)/.test(token)) day = number
    else if (month === null && named >= 0) month = named
    else if (year === null && /^\d{2,4}(?!\d)/.test(token)) year = number
  }
  if (time === null || day === null || month === null || year === null) return null
  if (year < 70) year += 2000
  else if (year < 100) year += 1900
  const [hours = 0, minutes = 0, seconds = 0] = time
  if (day < 1 || day > 31 || year < 1601 || hours > 23 || minutes > 59 || seconds > 59) return null
  const date = Date.UTC(year, month, day, hours, minutes, seconds)
  return new Date(date).getUTCDate() === day ? date : null
}
