// Blocks as text, without colour: for a JSON document, and for help, which is the same in a pipe as in its built files.

import type {Block} from '../../../foundation/platform/index.ts'
import {render} from './render.ts'
import {createStyle} from './style.ts'

/** The blocks as people read them. */
export const plainText = (blocks: readonly Block[], columns = 80): string =>
  render(blocks, {style: createStyle({colour: false}), columns})
