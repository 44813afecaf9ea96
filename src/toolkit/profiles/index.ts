// Front door of the profiles room: named configuration files, the samples they start from, and whether a stdio command
// could be started.

export {absoluteCommand, absoluteReference} from './absolute/absolute-values.ts'
export {type AddOptions, addProfile, type SavedProfile} from './add-profile.ts'
export {type EditOptions, editProfile} from './edit-profile.ts'
export {type InitOptions, type InitResult, initProfile} from './init-profile.ts'
export {judgeProfile, type ProfileText} from './judge-profile.ts'
export {commandDoubts} from './preflight/command-doubts.ts'
export type {Preflight, PreflightWorld} from './preflight/executable.ts'
export {preflightCommand} from './preflight/preflight-command.ts'
export {
  initBlocks,
  listBlocks,
  sampleBlocks,
  sampleListBlocks,
  savedBlocks,
  verdictBlocks,
} from './present.ts'
export {type ProfileValues, type RenderProfile, renderProfile} from './render-profile.ts'
export {type SampleText, sampleJson, showSample} from './sample-text.ts'
export {PROFILE_SAMPLES, type ProfileSample} from './samples.ts'
export {type ShownProfile, showProfile} from './show-profile.ts'
export {type ProfileEntry, type ProfileStore, type ProfileStoreOptions, profileStore} from './store.ts'
export {type ProfileVerdict, validateProfile} from './verdict.ts'
