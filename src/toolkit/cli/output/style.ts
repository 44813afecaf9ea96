// The only door to chalk. Colour is a decision about one stream, taken here and nowhere else.

import {Chalk} from 'chalk'
import type {Tone} from '../../../foundation/platform/index.ts'
import type {CliHost, TextSink} from '../host.ts'

/** Paints text, or leaves it alone. */
export interface Style {
  bold(text: string): string
  dim(text: string): string
  tone(tone: Tone, text: string): string
}

/** True when colour is welcome on `stream`: a terminal, no NO_COLOR, no dumb TERM; FORCE_COLOR overrules the terminal test. */
export function wantsColour({env, stream}: {env: CliHost['env']; stream: Pick<TextSink, 'isTTY'>}): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR !== undefined) return !['0', 'false'].includes(env.FORCE_COLOR)
  return stream.isTTY && env.TERM !== 'dumb'
}

/** A style for one stream. */
export function createStyle({colour}: {colour: boolean}): Style {
  const chalk = new Chalk({level: colour ? 1 : 0})
  const tones: Record<Tone, (text: string) => string> = {
    plain: (text) => text,
    ok: chalk.green,
    warn: chalk.yellow,
    fail: chalk.red,
  }
  return {bold: chalk.bold, dim: chalk.dim, tone: (tone, text) => tones[tone](text)}
}
