// Front door of the command-line room.

export {adminFlags, givenAdmin, givenScope} from './admin-flags.ts'
export {type ArgsOf, BaseCommand, type FlagsOf} from './base-command.ts'
export {type Candidate, type Completion, complete, SHELLS} from './completion/complete.ts'
export type {ValueKind} from './completion/value-kinds.ts'
export {type ConfigFlag, type ConfigFlagOptions, configFlags, givenConfigFlags} from './config-flags.ts'
export {answerHelp, HELP_TOPICS, type HelpAnswer} from './help/help-answer.ts'
export type {CliHost, TextSink} from './host.ts'
export {programHelp} from './load-program.ts'
export {plainText} from './output/plain-text.ts'
export {createStatusLine, type StatusLine} from './output/status-line.ts'
export {pathFlag} from './path-flag.ts'
export {codexHomeFlag, passEnvFlag} from './plugin-flags.ts'
export {
  adminServiceFlags,
  aliasArg,
  durationFlag,
  givenAdminService,
  givenDuration,
  givenIds,
  givenTunnelWish,
  idsFlag,
  ignoredFlags,
  tunnelWishFlags,
} from './runtime-flags.ts'
export type {StopSignals} from './stop-signals.ts'
