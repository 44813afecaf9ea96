// A sample as it looks with example values in it.

import {renderProfile} from './render-profile.ts'
import {findSample, type ProfileSample} from './samples.ts'

/** A sample and its text. */
export interface SampleText {
  readonly sample: ProfileSample
  readonly yaml: string
}

/** Shows a sample. @throws TunnelError `TC-PROFILE-SAMPLE` */
export async function showSample({templates, name}: {templates: string; name: string}): Promise<SampleText> {
  const sample = findSample(name)
  const values = {tunnelId: 'tunnel_0123456789abcdef0123456789abcdef', ...sample.example}
  return {sample, yaml: await renderProfile({templates, sample: sample.name, values})}
}

/** The sample as `--json` prints it. */
export const sampleJson = ({sample, yaml}: SampleText): Record<string, unknown> => ({
  name: sample.name,
  summary: sample.summary,
  use_when: sample.useWhen,
  required: sample.required,
  optional: sample.optional,
  notes: sample.notes,
  yaml,
})
