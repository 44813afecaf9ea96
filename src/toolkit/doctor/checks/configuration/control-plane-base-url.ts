// The address of the tunnel service is one. Shown only when it is not.

import {configFailure} from '../../advice/config-failure.ts'
import {single} from '../../check.ts'

export const controlPlaneBaseUrl = single({
  id: 'control_plane_base_url',
  title: 'The address of the tunnel service is usable',
  why: 'The daemon sends its polls there; an address that cannot be read leads nowhere.',
  next: ['Set --control-plane.base-url or CONTROL_PLANE_BASE_URL to a URL such as https://api.openai.com'],
  required: true,
  needs: ['problems'],
  run: async ({fact}) => configFailure(await fact('problems'), {id: 'control_plane_base_url'}),
})
