// The declarations that ship with the library: those that src/index.ts leads to and no other, under dist/types. The
// compiler writes them; here the rest is left out, imports get the extension that consumers need, and an import that
// leads out of what is shipped fails the build.

import {mkdir, writeFile} from 'node:fs/promises'
import {dirname, join, relative} from 'node:path'
import ts from 'typescript'

/** Writes the declarations of `entry` and of what it leads to. Throws when the compiler complains. */
export async function writeDeclarations({
  root,
  entry,
  outDir,
}: {
  readonly root: string
  readonly entry: string
  readonly outDir: string
}): Promise<void> {
  const emit = compiler(root, entry)
  const found = new Set<string>()
  const queue = [join(root, entry)]
  for (let source = queue.pop(); source !== undefined; source = queue.pop()) {
    if (found.has(source)) continue
    found.add(source)
    const text = emit(source)
    for (const {fileName} of ts.preProcessFile(text, true, true).importedFiles) {
      if (!fileName.startsWith('.')) throw new Error(`declarations: ${source} needs the package ${fileName}`)
      queue.push(join(dirname(source), fileName))
    }
    const target = join(outDir, relative(join(root, 'src'), source).replace(/\.ts$/, '.d.ts'))
    await mkdir(dirname(target), {recursive: true})
    await writeFile(
      target,
      text.replaceAll(RELATIVE, (_, before, name, quote) => `${before}${name}.js${quote}`),
    )
  }
}

/** A relative import with its extension, as a declaration has it. */
const RELATIVE = /((?:from|import)\s*\(?\s*['"])(\.{1,2}\/[^'"]+)\.ts(['"])/g

/** A function that gives the declaration of one source. */
function compiler(root: string, entry: string): (source: string) => string {
  const {config, error} = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  if (error) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'))
  const {options} = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const program = ts.createProgram([join(root, entry)], {
    ...options,
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
  })
  return (source) => {
    let written: string | undefined
    const keep = (_path: string, text: string): void => {
      written = text
    }
    const {diagnostics} = program.emit(program.getSourceFile(source), keep, undefined, true)
    const said = diagnostics.map(({messageText}) => ts.flattenDiagnosticMessageText(messageText, '\n'))
    if (said.length > 0 || written === undefined) throw new Error(`declarations: ${source}: ${said.join('; ')}`)
    return written
  }
}
