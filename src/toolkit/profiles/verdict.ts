// `profiles validate`: would `run` take this profile, here and now?

import type {FileCheck} from '../../foundation/config/index.ts'
import {TunnelError} from '../../foundation/errors/index.ts'
import {judgeProfile, shadowText} from './judge-profile.ts'
import {profileStore} from './store.ts'

/** One thing that is wrong. `fail`: `run` refuses it; `warn`: this shell or machine lacks something. */
export interface ProfileProblem {
  readonly status: 'fail' | 'warn'
  readonly code: string
  readonly message: string
  readonly next: readonly string[]
  readonly origin?: string
}

/** The answer; also the document of `--json`. */
export interface ProfileVerdict {
  readonly profile: string
  readonly path: string
  readonly result: 'ok' | 'fail'
  readonly problems: readonly ProfileProblem[]
}

/** What {@link validateProfile} needs. */
export interface ValidateOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly name: string
  readonly profileDir?: string | undefined
  /** Treat what this machine lacks as a failure, too. */
  readonly strict: boolean
}

/** Judges a saved profile. @throws TunnelError `TC-PROFILE-MISSING`, `TC-PROFILE-FILE`, `TC-CONFIG-SOURCE` */
export async function validateProfile({name, env, cwd, profileDir, strict}: ValidateOptions): Promise<ProfileVerdict> {
  const store = profileStore({env, dir: profileDir})
  const data = await store.read(name)
  const problems = problemsOf(await judgeProfile({path: store.path(name), data, env, cwd}), strict)
  const result = problems.some(({status}) => status === 'fail') ? 'fail' : 'ok'
  return {profile: name.trim(), path: store.path(name), result, problems}
}

function problemsOf({broken, refused, unmet, overruled, shadowed}: FileCheck, strict: boolean): ProfileProblem[] {
  const as =
    (status: 'fail' | 'warn') =>
    ({code, message, next, origin}: TunnelError): ProfileProblem => ({
      status,
      code,
      message,
      next,
      ...(origin === undefined ? {} : {origin}),
    })
  const soft = as(strict ? 'fail' : 'warn')
  const hidden = shadowed.map(
    (one) => new TunnelError('TC-CONFIG-VALUE', shadowText(one), {next: [`unset ${one.variable}`]}),
  )
  return [...[...broken, ...refused].map(as('fail')), ...[...unmet, ...overruled, ...hidden].map(soft)]
}
