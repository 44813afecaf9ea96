// Judges the text of a profile: may it be saved, and would `run` take it?

import {checkConfigFile, type FileCheck} from '../../foundation/config/index.ts'
import {TunnelError} from '../../foundation/errors/index.ts'

/** A text to judge. */
export interface ProfileText {
  /** Where it lies or will lie; error texts name it. */
  readonly path: string
  readonly data: string | Uint8Array
  readonly env: Readonly<Record<string, string | undefined>>
  /** Relative paths inside the profile start here. */
  readonly cwd: string
}

/** Judges a profile. Never throws for what stands in it. */
export const judgeProfile = ({data, ...rest}: ProfileText): Promise<FileCheck> =>
  checkConfigFile({...rest, data: Buffer.from(data)})

/** The reference's rule for what may be saved: the notation counts, not whether it runs. @throws TunnelError `TC-PROFILE-INVALID` */
export async function checkSavable(text: ProfileText): Promise<FileCheck> {
  const check = await judgeProfile(text)
  if (check.broken.length > 0) throw invalid(check.broken)
  return check
}

/** Several problems as one error. */
export function invalid(problems: readonly TunnelError[]): TunnelError {
  return new TunnelError('TC-PROFILE-INVALID', problems.map(({message}) => message).join('; '), {
    problems,
    next: [...new Set(problems.flatMap(({next}) => next))],
  })
}

/** That a variable hides a value of the profile. */
export const shadowText = ({key, variable}: FileCheck['shadowed'][number]): string =>
  `${variable} is set in this shell and outranks ${key} of the profile`

/** What to know about a profile that was saved all the same, one sentence each. */
export function warningsOf({refused, unmet, overruled, shadowed}: FileCheck): readonly string[] {
  return [
    ...refused.map(({message}) => `run will refuse this profile: ${message}`),
    ...unmet.map(({message}) => `before run: ${message}`),
    ...overruled.map(({message}) => `with the variables of this shell: ${message}`),
    ...shadowed.map(shadowText),
  ]
}
