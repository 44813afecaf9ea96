// Why a runtime is in its state: one clause for lists, progress and reports.

import {hostname} from 'node:os'
import type {LocalRuntime} from './look.ts'
import {whereItRuns} from './require-here.ts'

/** Empty for a runtime that is ready, and for one that was stopped in order. */
export function stateReason({name, state, answers, identity, process, healthUrl}: LocalRuntime): string {
  switch (state) {
    case 'ready':
      return ''
    case 'healthy':
      return firstLine(answers.readyz.body) || answers.readyz.error || `/readyz answers ${answers.readyz.status}`
    case 'unknown':
      return identity.state === 'elsewhere' ? whereItRuns(identity.host, name, hostname()) : ''
    case 'starting':
      return healthUrl === '' ? 'the process runs and has not opened its health server yet' : noAnswer(answers.healthz)
    case 'stopped':
      if (identity.state === 'foreign') return identity.why
      return identity.state === 'gone' ? `process ${process?.pid} is not running: it ended by itself` : ''
  }
}

const firstLine = (body = ''): string => body.split('\n')[0]!.trim()

const noAnswer = ({error, status}: LocalRuntime['answers']['healthz']): string =>
  `the process runs, its health server does not answer: ${error ?? `HTTP ${status}`}`
