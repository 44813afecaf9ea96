// dist/help: every help page as text, so that `--help` is answered without loading the program.

import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {helpFile, helpIds, helpPage} from '../../src/toolkit/cli/help/help-pages.ts'
import type {ProgramHelp} from '../../src/toolkit/cli/help/help-shape.ts'
import {render} from '../../src/toolkit/cli/output/render.ts'
import {createStyle} from '../../src/toolkit/cli/output/style.ts'

/** Writes one file for each page into `folder`. */
export async function writeHelpFiles(program: ProgramHelp, folder: string): Promise<void> {
  await mkdir(folder, {recursive: true})
  const style = createStyle({colour: false})
  for (const id of helpIds(program)) {
    await writeFile(join(folder, helpFile(id)), render(helpPage(id, program), {style, columns: 80}))
  }
}
