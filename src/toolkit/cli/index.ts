// Front door of the command-line room.

export {type ArgsOf, BaseCommand, type FlagsOf} from './base-command.ts'
export {type ConfigFlag, type ConfigFlagOptions, configFlags, givenConfigFlags} from './config-flags.ts'
export type {CliHost, TextSink} from './host.ts'
export type {StopSignals} from './stop-signals.ts'
