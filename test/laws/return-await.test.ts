// `return promise` inside `try` leaves the block before the promise settles: `finally` cleans up too early, and `catch` never
// sees a rejection. Biome has no rule for it.

import {relative} from 'node:path'
import ts from 'typescript'
import {expect, it} from 'vitest'
import {ROOT} from './sources.ts'

it('awaits what it returns inside try', () => {
  const {config} = ts.readConfigFile(`${ROOT}/tsconfig.json`, ts.sys.readFile)
  const {fileNames, options} = ts.parseJsonConfigFileContent(config, ts.sys, ROOT)
  const scripts = ['bin/run.js', 'bin/dev.js'].map((path) => `${ROOT}/${path}`)
  const program = ts.createProgram([...fileNames, ...scripts], {...options, allowJs: true})
  expect(violationsIn(program), 'Write `return await …`').toEqual([])
})

it('finds a promise that is returned inside try, and nothing else', () => {
  const text = `
    declare const open: () => Promise<number>
    declare const close: () => void
    export async function wrong() { try { return open() } finally { close() } }
    export function alsoWrong() { try { return open() } catch { return null } }
    export const arrow = async (flag: boolean) => { try { return flag ? open() : 1 } finally { close() } }
    export async function handler() { try { await open() } catch { return open() } finally { close() } }
    export async function right() { try { return await open() } finally { close() } }
    export async function later() { try { await open() } catch { return open() } return open() }
    export async function inner() { try { return [1].map(() => { return open() }).length } finally { close() } }
    export async function text() { try { return 'x' } finally { close() } }
    export async function last() { try { await open() } finally { close() } return open() }
  `
  const name = `${ROOT}/probe.ts`
  const options: ts.CompilerOptions = {target: ts.ScriptTarget.ES2024, strict: true}
  const host = ts.createCompilerHost(options)
  const read = host.getSourceFile.bind(host)
  host.getSourceFile = (file, ...rest) =>
    file === name ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2024) : read(file, ...rest)
  const found = violationsIn(ts.createProgram([name], options, host))
  expect(found.map((line) => line.replace(/: .*/, ''))).toEqual([
    'probe.ts:4',
    'probe.ts:5',
    'probe.ts:6',
    'probe.ts:7',
  ])
})

/** `file:line: text` of each promise that a `try` returns without waiting for it. */
function violationsIn(program: ts.Program): string[] {
  const checker = program.getTypeChecker()
  const found: string[] = []
  for (const source of program.getSourceFiles()) {
    if (source.isDeclarationFile || source.fileName.includes('/node_modules/')) continue
    const visit = (node: ts.Node, guarded: boolean): void => {
      if (ts.isReturnStatement(node) && guarded && node.expression !== undefined && isPending(node.expression)) {
        const {line} = source.getLineAndCharacterOfPosition(node.getStart(source))
        found.push(`${relative(ROOT, source.fileName)}:${line + 1}: ${node.getText(source).split('\n')[0]}`)
      }
      if (ts.isTryStatement(node)) {
        visit(node.tryBlock, true)
        // What a handler returns is only cut short by a finally.
        if (node.catchClause) visit(node.catchClause, guarded || node.finallyBlock !== undefined)
        if (node.finallyBlock) visit(node.finallyBlock, guarded)
        return
      }
      const within = ts.isFunctionLike(node) ? false : guarded
      ts.forEachChild(node, (child) => visit(child, within))
    }
    visit(source, false)
  }
  return found

  function isPending(expression: ts.Expression): boolean {
    const type = checker.getTypeAtLocation(expression)
    const parts = type.isUnion() ? type.types : [type]
    return parts.some((part) => part.getProperty('then') !== undefined)
  }
}
